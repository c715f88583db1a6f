import { experimentCards } from './experiment-cards.js';
import { experimentPanel } from './experiment-panel.js';
import { Feed } from './feed.js';
import { fleetTable } from './fleet-table.js';
import { countText, plainPhase, whenText } from './format.js';
import { show } from './dom.js';
import { currentLag, login, storedSession, storeSession } from './session.js';

const at = (id) => document.getElementById(id);

/** What the page knows before it was told anything. A view is null until its first snapshot: unknown is not empty. */
const nothing = () => ({ experiments: null, fleet: null, experiment: null, kpis: null, chosen: null });

/** Everything that the page knows; drawn anew whenever a part changes. */
let state = nothing();
let feed;
let lostSince;
/** True from the reader's choice of an experiment until its heading can be focused. */
let headingAwaited = false;

at('sign-in-form').addEventListener('submit', (event) => {
  event.preventDefault();
  void signIn(new FormData(event.target));
});
at('sign-out').addEventListener('click', () => signOut());
addEventListener('hashchange', () => {
  if (wantedId() === undefined || !feed) return;
  choose();
  headingAwaited = true;
  draw();
});
at('zone').textContent = `Times are of the zone ${Intl.DateTimeFormat().resolvedOptions().timeZone}.`;

const stored = storedSession();
if (stored) open(stored);
else signOut();

async function signIn(form) {
  explain('');
  at('sign-in-button').disabled = true;
  try {
    const session = await login(form.get('email'), form.get('password'));
    storeSession(session);
    at('sign-in-form').reset();
    open(session);
    at('main').focus();
  } catch (error) {
    explain(error.message);
    at('password').focus();
  } finally {
    at('sign-in-button').disabled = false;
  }
}

function explain(problem) {
  at('sign-in-error').textContent = problem;
  at('password').setAttribute('aria-invalid', String(problem !== ''));
}

/** Leaves nothing of the last reader on the page. */
function signOut(reason = '') {
  storeSession(null);
  feed?.close();
  feed = undefined;
  state = nothing();
  draw();
  setSignedIn(false);
  explain(reason);
  at('email').focus();
}

function setSignedIn(signedIn) {
  for (const id of ['live', 'session', 'foot']) at(id).hidden = !signedIn;
  at('sign-in').hidden = signedIn;
  if (!signedIn) document.title = 'Sign in – Phoenix';
}

function open({ accessToken, user }) {
  setSignedIn(true);
  at('who').textContent = `${user.email} (${user.role})`;
  showLag({ lag: null });
  feed = new Feed({
    token: accessToken,
    onState: (link) => {
      showLink(link);
      if (link === 'live') void currentLag(accessToken).then((lag) => showLag({ lag }));
    },
    onRows: receive,
    onLag: showLag,
    onRefused: () => signOut('Your session has ended. Sign in again.'),
  });
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

/** The id of the experiment in the address; undefined when the address names none, such as after the skip link. */
function wantedId() {
  const [, id] = /^#\/experiments\/(.+)$/.exec(location.hash) ?? [];
  try {
    return id && decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

/** The experiment in the address, or the one that is shown, or the newest that is not over, or the newest. */
function choose() {
  const all = state.experiments ?? new Map();
  const newest = [...all.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  const chosen =
    all.get(wantedId()) ??
    all.get(state.chosen) ??
    newest.find(({ endedAt }) => endedAt === null) ??
    newest[0];
  const id = chosen?.id ?? null;
  if (id === state.chosen) return;
  for (const kind of ['experiment', 'kpis']) {
    if (state.chosen) feed.unsubscribe(`${kind}:${state.chosen}`);
    state[kind] = null;
    if (id) feed.subscribe(`${kind}:${id}`);
  }
  state.chosen = id;
  draw();
}

function draw() {
  const experiment = state.experiment?.get(state.chosen);
  show(at('experiments'), ...experimentCards(state.experiments, state.chosen));
  at('experiment').hidden = !experiment;
  show(at('experiment'), ...experimentPanel(experiment, state.kpis?.get(state.chosen)));
  show(at('fleet'), ...fleetTable(state.fleet));
  if (headingAwaited && experiment) {
    headingAwaited = false;
    at('experiment-title').focus();
  }
  document.title = experiment ? `${experiment.name}: ${plainPhase(experiment.phase)} – Phoenix` : 'Phoenix';
}

function showLink(link) {
  const words = { connecting: 'connecting', live: 'live', down: 'not connected' };
  at('link').dataset.state = link;
  at('link').textContent = words[link];
  lostSince = link === 'down' ? (lostSince ?? new Date().toISOString()) : undefined;
  at('lost').hidden = link !== 'down';
  at('lost').textContent =
    link === 'down'
      ? `No connection to Phoenix since ${whenText(lostSince)}. What stands here is from before; the page tries again by itself.`
      : '';
}

function showLag({ lag }) {
  at('lag').textContent =
    lag === null
      ? 'How far the views are behind is not known yet.'
      : lag === 0
        ? 'Views are up to date.'
        : `Views are ${countText(lag, 'commit', 'commits')} behind.`;
}
