import { experimentCards } from './experiment-cards.js';
import { experimentPanel } from './experiment-panel.js';
import { Feed } from './feed.js';
import { fleetTable } from './fleet-table.js';
import { countText } from './format.js';
import { show } from './dom.js';

const SESSION = 'phoenix.session';
const at = (id) => document.getElementById(id);

/** Everything that the page knows; drawn anew whenever a part changes. */
const state = {
  experiments: new Map(),
  fleet: new Map(),
  experiment: new Map(),
  kpis: new Map(),
  chosen: null,
};
let feed;

at('sign-in-form').addEventListener('submit', (event) => {
  event.preventDefault();
  void signIn(new FormData(event.target));
});
at('sign-out').addEventListener('click', () => signOut());
addEventListener('hashchange', () => choose());

const stored = sessionStorage.getItem(SESSION);
if (stored) open(JSON.parse(stored));
else signOut();

async function signIn(form) {
  at('sign-in-error').textContent = '';
  try {
    const answer = await fetch('/api/v1/auth/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: form.get('email'), password: form.get('password') }),
    });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.detail ?? body.title);
    sessionStorage.setItem(SESSION, JSON.stringify(body));
    open(body);
  } catch (error) {
    at('sign-in-error').textContent = error.message;
    at('password').focus();
  }
}

function signOut(reason = '') {
  sessionStorage.removeItem(SESSION);
  feed?.close();
  at('live').hidden = true;
  at('session').hidden = true;
  at('sign-in').hidden = false;
  at('sign-in-error').textContent = reason;
  at('email').focus();
}

function open({ accessToken, user }) {
  at('sign-in').hidden = true;
  at('live').hidden = false;
  at('session').hidden = false;
  at('who').textContent = `${user.email} (${user.role})`;
  feed = new Feed({
    token: accessToken,
    onState: showLink,
    onRows: receive,
    onLag: showLag,
    onRefused: () => signOut('Your session has ended. Sign in again.'),
  });
  state.chosen = null;
  feed.subscribe('experiments');
  feed.subscribe('fleet');
  draw();
}

function receive(view, rows) {
  const kind = view.split(':')[0];
  state[kind] = rows;
  if (kind === 'experiments') choose();
  draw();
}

/** The experiment in the address, or the newest one that is not over, or the newest. */
function choose() {
  const wanted = decodeURIComponent(location.hash.replace(/^#\/experiments\//, ''));
  const newest = [...state.experiments.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  const open = newest.find(({ endedAt }) => endedAt === null);
  const chosen = state.experiments.get(wanted) ?? open ?? newest[0];
  if (chosen?.id === state.chosen) return;
  for (const kind of ['experiment', 'kpis']) {
    if (state.chosen) feed.unsubscribe(`${kind}:${state.chosen}`);
    state[kind] = new Map();
    if (chosen) feed.subscribe(`${kind}:${chosen.id}`);
  }
  state.chosen = chosen?.id ?? null;
  draw();
}

function draw() {
  show(at('experiments'), ...experimentCards(state.experiments, state.chosen));
  show(
    at('experiment'),
    ...experimentPanel(state.experiment.get(state.chosen), state.kpis.get(state.chosen)),
  );
  show(at('fleet'), fleetTable(state.fleet));
}

function showLink(link) {
  const words = { connecting: 'connecting', live: 'live', down: 'connection lost, trying again' };
  at('link').dataset.state = link;
  at('link').textContent = words[link];
}

function showLag({ lag }) {
  at('lag').textContent =
    lag === null
      ? 'The views have not reported yet.'
      : lag === 0
        ? 'Views are up to date.'
        : `Views are ${countText(lag, 'commit', 'commits')} behind.`;
}
