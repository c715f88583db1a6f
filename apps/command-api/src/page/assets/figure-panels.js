import { seriesChart } from './chart.js';
import { dataTable } from './data-table.js';
import { h } from './dom.js';
import { asChange, countText, figureNote, figureText, reasonsOf, windowText } from './format.js';

const variants = ['baseline', 'candidate'];

/** The figures of an experiment. One that is missing says so, and why. */
export function figurePanels(kpis) {
  const change = asChange(kpis.series.reduction);
  return [
    panel(
      'Active series',
      big(change),
      h('p', { class: 'soft' }, figureNote(change)),
      ...bars('Active series', kpis.series, change),
      seriesChart(kpis.blocks),
    ),
    panel(
      'Points per minute',
      ...bars('Points per minute', kpis.pointsPerMinute),
      h('h4', {}, 'Volume'),
      ...volume(kpis),
      h('h4', {}, 'Collectors'),
      ...collectors(kpis.collector),
    ),
    panel('Processes still seen', ...coverage(kpis.coverage)),
    h('div', { class: 'panel wide' }, h('h3', {}, 'Price of a month'), ...costs(kpis.cost)),
    h('p', { class: 'soft wide' }, extent(kpis)),
  ];
}

const panel = (title, ...children) => h('div', { class: 'panel' }, h('h3', {}, title), ...children);

/** The figure of a panel; one that is missing does not shout. */
const big = (figure) => h('div', { class: figure.noData ? 'big none' : 'big' }, figureText(figure));

/** Why figures are missing, unless a figure beside them has said it. */
const whyNot = (figures, said) =>
  reasonsOf(...figures)
    .filter((reason) => !reasonsOf(said).includes(reason))
    .map((reason) => h('p', { class: 'soft' }, `No data: ${reason}`));

function bars(name, pair, said) {
  const figures = variants.map((variant) => pair[variant]);
  const top = Math.max(...figures.map(({ value = 0 }) => value));
  const rows = variants.map((variant) => {
    const figure = pair[variant];
    const bar = h('span', { class: 'fill' });
    bar.style.setProperty('--share', `${top > 0 ? (100 * (figure.value ?? 0)) / top : 0}%`);
    return h(
      'li',
      { class: 'bar', 'data-variant': variant, title: figureNote(figure) },
      h('span', {}, variant),
      h('span', { class: 'track', 'aria-hidden': 'true' }, bar),
      h('span', {}, figureText(figure)),
    );
  });
  return [h('ul', { class: 'bars', 'aria-label': name }, ...rows), ...whyNot(figures, said)];
}

function volume({ uniqueSeries, churn, bytesPerMinute, drops }) {
  const columns = [{ text: 'Figure' }, ...['Baseline', 'Candidate'].map((text) => ({ text, number: true }))];
  const lines = [
    ['Unique series', uniqueSeries],
    ['Churn', churn],
    ['Bytes', bytesPerMinute],
    ['Dropped', drops.share],
  ];
  const rows = lines.map(([name, pair]) => [name, ...variants.map((variant) => figureText(pair[variant]))]);
  const figures = lines.flatMap(([, pair]) => variants.map((variant) => pair[variant]));
  return [dataTable('How much is sent', columns, rows), ...whyNot(figures)];
}

function collectors(use) {
  const columns = [{ text: 'Variant' }, { text: 'CPU', number: true }, { text: 'Memory', number: true }];
  const rows = variants.map((variant) => [
    variant,
    figureText(use[variant].cpu),
    figureText(use[variant].memory),
  ]);
  const figures = variants.flatMap((variant) => [use[variant].cpu, use[variant].memory]);
  return [dataTable('What the collectors use', columns, rows), ...whyNot(figures)];
}

function coverage({ processes, critical, lost }) {
  return [
    big(processes),
    h('p', { class: 'soft' }, figureNote(processes) || 'Weighted by CPU and memory.'),
    h('p', {}, `Critical processes: ${figureText(critical)}`),
    ...(critical.noData ? whyNot([critical], processes) : []),
    processes.noData && lost.length === 0
      ? null
      : h(
          'p',
          { class: 'soft' },
          lost.length === 0
            ? 'Nothing by name is missing from the candidate.'
            : `Lost most series: ${lost.map(({ name, series }) => `${name} (${countText(series, 'series', 'series')})`).join(', ')}`,
        ),
  ];
}

function costs(cost) {
  if (cost.length === 0) return [h('p', { class: 'soft' }, 'No tariff applies yet.')];
  const figures = cost.flatMap(({ baseline, candidate, saving }) => [baseline, candidate, saving]);
  const missing = whyNot(figures);
  if (figures.every(({ noData }) => noData)) return missing;
  const columns = [
    { text: 'Tariff' },
    ...['Baseline', 'Candidate', 'Saving'].map((text) => ({ text, number: true })),
  ];
  const rows = cost.map(({ name, source, asOf, baseline, candidate, saving }) => [
    [name, h('div', { class: 'soft' }, priceSource(source), ` of ${asOf}`)],
    ...[baseline, candidate, saving].map(figureText),
  ]);
  const notes = [...new Set(figures.map((figure) => figure.note).filter(Boolean))];
  return [
    h('p', { class: 'soft' }, `At list prices, for ${notes.join('; ') || 'the measured hosts'}.`),
    dataTable('Price of a month under each tariff', columns, rows),
    ...missing,
  ];
}

function priceSource(source) {
  return /^https:\/\//.test(source)
    ? h('a', { href: source, rel: 'noreferrer' }, 'list prices')
    : `list prices (${source})`;
}

/** Over which time and hosts the figures hold, and what was not seen of it. */
function extent({ window, hosts, windows, gapSeconds, series }) {
  if (window === null) return 'Nothing has been measured yet, so no figure holds for anything.';
  const formula = series.reduction.formulaVersion;
  const parts = [
    `Measured ${windowText(window)} on ${countText(hosts, 'host', 'hosts')}`,
    `${countText(windows, 'window', 'windows')} of 10 seconds`,
    gapSeconds === 0 ? 'no gap' : `${countText(gapSeconds, 'second', 'seconds')} that nobody watched`,
    formula && `formula ${formula}`,
  ];
  return `${parts.filter(Boolean).join(', ')}.`;
}
