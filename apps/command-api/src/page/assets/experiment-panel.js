import { h } from './dom.js';
import { phaseChip } from './experiment-cards.js';
import { figurePanels } from './figure-panels.js';
import { countText, plainPhase, whenText } from './format.js';

const road = ['draft', 'deploying', 'warming', 'running', 'concluded'];
const decisions = {
  promote: ['good', 'Promote the candidate'],
  'keep-baseline': ['bad', 'Keep the baseline'],
  inconclusive: ['wait', 'Inconclusive'],
  invalid: ['bad', 'Invalid: do not use these figures'],
};

/** One experiment: where it stands, both variants, what was lost, the price and the verdict. */
export function experimentPanel(experiment, kpis) {
  if (!experiment) return [];
  return [
    h(
      'div',
      { class: 'headline' },
      h('h2', { id: 'experiment-title', tabindex: '-1' }, experiment.name),
      phaseChip(experiment.phase),
      experiment.reason ? h('span', { class: 'soft' }, experiment.reason) : null,
    ),
    h('p', { class: 'soft' }, extentText(experiment)),
    steps(experiment),
    h(
      'div',
      { class: 'grid' },
      verdictPanel(experiment.verdict),
      ...(kpis ? figurePanels(kpis) : [h('p', { class: 'empty wide' }, 'Waiting for the first figures.')]),
    ),
  ];
}

const NAMED_HOSTS = 3;

function extentText({ hosts, createdBy }) {
  const created = `Created by ${createdBy}.`;
  if (hosts.length === 0) return `${created} Hosts are chosen at the start.`;
  const names = hosts.length <= NAMED_HOSTS ? `: ${hosts.join(', ')}` : '';
  return `${created} Runs on ${countText(hosts.length, 'host', 'hosts')}${names}.`;
}

function steps({ phase, ...experiment }) {
  const times = {
    draft: experiment.createdAt,
    deploying: experiment.startedAt,
    warming: experiment.warmupAt,
    running: experiment.measurementAt,
    concluded: experiment.concludedAt,
  };
  const items = road.map((step) => {
    const state = step === phase ? 'now' : times[step] ? 'done' : 'ahead';
    return h(
      'li',
      { 'data-state': state, 'aria-current': state === 'now' && 'step' },
      plainPhase(step),
      h('div', { class: 'soft' }, state === 'ahead' ? 'not yet' : whenText(times[step])),
    );
  });
  if (!road.includes(phase))
    items.push(
      h(
        'li',
        { 'data-state': 'now', 'aria-current': 'step' },
        plainPhase(phase),
        h(
          'div',
          { class: 'soft' },
          whenText(experiment.endedAt ?? experiment.pausedAt ?? experiment.updatedAt),
        ),
      ),
    );
  return h('ol', { class: 'steps', 'aria-label': 'Phases of the experiment' }, ...items);
}

function verdictPanel(verdict) {
  if (!verdict) return null;
  const [tone, words] = decisions[verdict.decision];
  const checks = [...verdict.health, ...verdict.guardrails].map(({ name, passed, detail }) =>
    h('li', { 'data-passed': String(passed) }, `${name}: ${passed ? 'passed' : 'failed'}. ${detail}`),
  );
  return h(
    'div',
    { class: 'panel wide' },
    h('h3', {}, 'Verdict'),
    h('span', { class: 'chip', 'data-tone': tone }, words),
    h('p', {}, verdict.reason),
    h('p', { class: 'soft' }, `Holds for ${verdict.scope.hosts}, ${verdict.scope.time}.`),
    h('ul', { class: 'checks', 'aria-label': 'Checks of the verdict' }, ...checks),
  );
}
