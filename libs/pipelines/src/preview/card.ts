import type { PreviewPrice, PreviewReport } from './report.js';

/** So many names are listed; the rest is counted. */
const LISTED = 20;
const NO_DATA = 'no data';

/** The "what would I lose" card, as Markdown. Pure: equal reports give equal cards. */
export function previewCard(report: PreviewReport, price?: PreviewPrice): string {
  return [
    '# What would I lose?',
    '',
    ...critical(report),
    '',
    ...figures(report),
    '',
    ...lost(report),
    ...prices(price),
    '## Where the reduction comes from',
    '',
    ...attribution(report),
    '',
    '## What this cannot tell',
    '',
    ...report.limits.map(({ text }) => `- ${text}`),
    '',
    `From: ${escaped(report.data.source)} (${report.data.hosts} host(s), ${report.data.windows} windows of ${report.data.intervalSeconds} s).`,
    '',
  ].join('\n');
}

function critical({ critical: all }: PreviewReport): readonly string[] {
  if (all.length === 0) return ['No critical processes were named.'];
  const gone = all.filter(({ outcome }) => outcome === 'lost');
  const thinner = all.filter(({ outcome }) => outcome === 'partly' || outcome === 'merged');
  const unseen = all.filter(({ outcome }) => outcome === 'not-recorded');
  return [
    gone.length === 0 ? 'No critical process is lost.' : `**CRITICAL, LOST: ${listed(gone.map(nameOf))}**`,
    ...(thinner.length === 0 ? [] : [`No longer each process of its own: ${listed(thinner.map(nameOf))}`]),
    ...(unseen.length === 0 ? [] : [`Not in the recording, so not known: ${listed(unseen.map(nameOf))}`]),
  ].flatMap((line, index) => (index === 0 ? [line] : ['', line]));
}

function figures({ baseline, candidate, reduction }: PreviewReport): readonly string[] {
  const row = (name: string, before: number, after: number, share: number | null | undefined): string =>
    `| ${name} | ${before} | ${after} | ${share === undefined ? '' : percent(share)} |`;
  return [
    '| | baseline | candidate | reduction |',
    '|---|---:|---:|---:|',
    row('series', baseline.series, candidate.series, reduction.series),
    row('points', baseline.points, candidate.points, reduction.points),
    row('bytes', baseline.bytes, candidate.bytes, reduction.bytes),
    row('processes', baseline.processes, candidate.processes, undefined),
  ];
}

function lost({ attributes, metrics, processes }: PreviewReport): readonly string[] {
  const of = (...outcomes: readonly string[]): readonly string[] =>
    processes.executables.filter(({ outcome }) => outcomes.includes(outcome)).map(nameOf);
  return [
    '## Lost by name',
    '',
    `- processes: ${processes.lost}`,
    `- executables that are gone: ${listed(of('lost'))}`,
    `- executables with some processes gone: ${listed(of('partly'))}`,
    `- executables merged into one: ${listed(of('merged'))}`,
    `- metrics: ${listed(metrics.lost)}`,
    `- attributes: ${listed(attributes.lost.map(({ name, on }) => `${name} (${on})`))}`,
    '',
  ];
}

function prices(price: PreviewPrice | undefined): readonly string[] {
  if (price === undefined) return [];
  const { name, note, price: found, statistic } = price;
  const line =
    'noData' in found
      ? `${NO_DATA}: ${found.reason}`
      : `${found.baseline.toFixed(2)} before, ${found.candidate.toFixed(2)} after, saves ${found.saving.toFixed(2)} ${found.unit}`;
  return [`## Price under ${escaped(name)}`, '', line, '', `Counted: ${statistic}. ${note}`, ''];
}

function attribution({ attribution: found }: PreviewReport): readonly string[] {
  const metrics = [...found.metrics].filter(({ saved }) => saved.series !== 0 || saved.points !== 0);
  const attributes = found.attributes.filter(({ saved }) => saved !== 0);
  if (metrics.length === 0 && attributes.length === 0) return ['Nothing is reduced.'];
  return [
    '| metric | series saved | points saved |',
    '|---|---:|---:|',
    ...metrics.map(({ name, saved }) => `| ${escaped(name)} | ${saved.series} | ${saved.points} |`),
    '',
    '| attribute | values before | values after | series saved |',
    '|---|---:|---:|---:|',
    ...(found.metricsAlone.saved === 0 ? [] : [`| (metrics as such) | | | ${found.metricsAlone.saved} |`]),
    ...attributes.map(
      ({ name, on, saved, values }) =>
        `| ${escaped(name)} (${on}) | ${values.baseline} | ${values.candidate} | ${saved} |`,
    ),
  ];
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const rest = names.length - LISTED;
  const shown = names.slice(0, LISTED).map(escaped).join(', ');
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

function percent(share: number | null): string {
  return share === null ? NO_DATA : `${(share * 100).toFixed(1)} %`;
}

/** Names of processes hold anything: nothing in them may end a cell or begin a tag. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#]/g, '\\$&').replace(/\s+/g, ' ');
}
