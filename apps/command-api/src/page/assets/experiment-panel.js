import { seriesChart } from './chart.js';
import { h } from './dom.js';
import { phaseChip } from './experiment-cards.js';
import { asChange, figureNote, figureText, hourText, plainPhase, timeText } from './format.js';

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
      h('h2', { id: 'experiment-title' }, experiment.name),
      phaseChip(experiment.phase),
      experiment.reason ? h('span', { class: 'soft' }, experiment.reason) : null,
    ),
    steps(experiment),
    h(
      'div',
      { class: 'grid' },
      verdictPanel(experiment.verdict),
      ...(kpis ? figures(kpis) : [h('p', { class: 'empty wide' }, 'Waiting for the first figures.')]),
    ),
  ];
}

function steps({ phase, ...experiment }) {
  const times = {
    draft: experiment.createdAt,
    deploying: experiment.startedAt,
    warming: experiment.warmupAt,
    running: experiment.measurementAt,
    concluded: experiment.concludedAt,
  };
  const onRoad = road.includes(phase);
  const items = road.map((step) =>
    h(
      'li',
      {
        'data-state': step === phase ? 'now' : times[step] ? 'done' : 'ahead',
        'aria-current': step === phase && 'step',
      },
      plainPhase(step),
      h('div', { class: 'soft', title: timeText(times[step]) }, hourText(times[step])),
    ),
  );
  if (!onRoad) items.push(h('li', { 'data-state': 'now', 'aria-current': 'step' }, plainPhase(phase)));
  return h('ol', { class: 'steps' }, ...items);
}

function figures(kpis) {
  return [
    panel(
      'Active series',
      h('div', { class: 'big' }, figureText(asChange(kpis.series.reduction))),
      note(asChange(kpis.series.reduction)),
      ...bars(kpis.series),
      seriesChart(kpis.blocks),
    ),
    panel(
      'Points per minute',
      ...bars(kpis.pointsPerMinute),
      h('h3', {}, 'Volume'),
      volume(kpis),
      h('h3', {}, 'Collectors'),
      collectors(kpis.collector),
    ),
    panel('Processes still seen', ...coverage(kpis.coverage)),
    h('div', { class: 'panel wide' }, h('h3', {}, 'Price of a month'), costs(kpis.cost)),
  ];
}

const panel = (title, ...children) => h('div', { class: 'panel' }, h('h3', {}, title), ...children);
const note = (figure) => h('p', { class: 'soft' }, figureNote(figure));

function bars({ baseline, candidate }) {
  const top = Math.max(baseline.value ?? 0, candidate.value ?? 0);
  return [
    ['baseline', baseline],
    ['candidate', candidate],
  ].map(([variant, figure]) => {
    const bar = h('span', { class: 'fill' });
    bar.style.setProperty('--share', `${top > 0 ? (100 * (figure.value ?? 0)) / top : 0}%`);
    return h(
      'div',
      { class: 'bar', 'data-variant': variant, title: figureNote(figure) },
      h('span', {}, variant),
      h('span', { class: 'track', 'aria-hidden': 'true' }, bar),
      h('span', {}, figureText(figure)),
    );
  });
}

function volume({ uniqueSeries, churn, bytesPerMinute, wireBytesPerMinute, drops }) {
  const line = ([name, { baseline, candidate }]) =>
    h(
      'tr',
      {},
      h('td', {}, name),
      ...[baseline, candidate].map((figure) =>
        h('td', { class: 'number', title: figureNote(figure) }, figureText(figure)),
      ),
    );
  const lines = [
    ['Unique series', uniqueSeries],
    ['Churn', churn],
    ['Bytes', bytesPerMinute],
    ['On the wire', wireBytesPerMinute],
    ['Dropped', drops.share],
  ];
  return table(['Figure', 'Baseline', 'Candidate'], lines.map(line));
}

function collectors({ baseline, candidate }) {
  const line = (name, use) =>
    h(
      'tr',
      {},
      h('td', {}, name),
      h('td', { class: 'number' }, figureText(use.cpu)),
      h('td', { class: 'number' }, figureText(use.memory)),
    );
  return table(['Variant', 'CPU', 'Memory'], [line('baseline', baseline), line('candidate', candidate)]);
}

function coverage({ processes, critical, lost }) {
  return [
    h('div', { class: 'big' }, figureText(processes)),
    h('p', { class: 'soft' }, `weighted by use; critical processes: ${figureText(critical)}`),
    note(processes),
    lost.length === 0
      ? h('p', { class: 'soft' }, 'Nothing by name is missing from the candidate.')
      : h('p', {}, `Lost first: ${lost.map(({ name }) => name).join(', ')}`),
  ];
}

function costs(cost) {
  const line = ({ name, baseline, candidate, saving }) =>
    h(
      'tr',
      {},
      h('td', {}, name),
      ...[baseline, candidate, saving].map((figure) =>
        h('td', { class: 'number', title: figureNote(figure) }, figureText(figure)),
      ),
    );
  if (cost.length === 0) return h('p', { class: 'soft' }, 'No tariff applies yet.');
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Price of a month under each tariff' },
    table(['Tariff', 'Baseline', 'Candidate', 'Saving'], cost.map(line)),
  );
}

function table(headings, rows) {
  const heads = headings.map((text, i) =>
    h('th', { scope: 'col', class: i > 0 ? 'number' : undefined }, text),
  );
  return h('table', {}, h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...rows));
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
    h('ul', { class: 'checks' }, ...checks),
  );
}
