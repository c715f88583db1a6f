import type {
  PreflightFiguresAnswer,
  PreflightReportAnswer,
  PreflightVariantAnswer,
  RecordingReportAnswer,
  SimulationReportAnswer,
} from '#lib/client';
import { table } from '../terminal.js';

const NO_DATA = 'no data';
const LISTED = 20;

/** The report of a preflight in the detail of a result; undefined when it is none. */
export function preflightOf(detail: string | null): PreflightReportAnswer | undefined {
  const report = reportIn(detail ?? '');
  return report?.kind === 'preflight' ? report : undefined;
}

/** The report of a recording in the detail of a result; undefined when it is none. */
export function recordingReportOf(detail: string | null): RecordingReportAnswer | undefined {
  const report = reportIn(detail ?? '');
  return report?.kind === 'recording' ? report : undefined;
}

/** A report in the detail of a result in words; undefined when it is none. */
export function reportText(detail: string): string | undefined {
  const report = reportIn(detail);
  if (report === undefined) return undefined;
  switch (report.kind) {
    case 'preflight':
      return preflightText(report);
    case 'recording':
      return recordingReportText(report);
    case 'simulation':
      return simulationText(report);
  }
}

/** What was recorded, for people. */
export function recordingReportText(report: RecordingReportAnswer): string {
  const { bytes, endedEarly, intervalSeconds, points, recording, series, windows } = report;
  return [
    `${recording ?? 'not kept yet'}: ${points} points of ${series} series in ${windows} windows of ${intervalSeconds} s, ${bytes} bytes`,
    ...(endedEarly === null ? [] : [`ended early: ${endedEarly}`]),
  ].join('\n');
}

/** What a preflight found, for people. */
export function preflightText(report: PreflightReportAnswer): string {
  const { collector, variants } = report;
  return [
    `tried with ${collector.kind} ${collector.version}; nothing was exported`,
    '',
    table(
      ['VARIANT', 'VERDICT', 'COVERED', 'SERIES', 'POINTS', 'BYTES', 'CPU', 'MEMORY'],
      variants.map(({ total, variant, verdict }) => [variant, verdict, ...figures(total)]),
    ),
    ...variants.flatMap(({ reason, variant }) => (reason === null ? [] : ['', `${variant}: ${reason}`])),
    '',
    ...comparisonText(report),
    ...variants.flatMap(processText),
  ].join('\n');
}

function figures({ bytes, coveredSeconds, cpuSeconds, points, rssBytes, series }: PreflightFiguresAnswer) {
  return [
    `${coveredSeconds} s`,
    series === null ? NO_DATA : String(Math.round(series)),
    points === null ? NO_DATA : String(points),
    bytes === null ? NO_DATA : String(bytes),
    cpuSeconds === null ? NO_DATA : `${cpuSeconds.toFixed(2)} s`,
    rssBytes === null ? NO_DATA : `${Math.round(rssBytes / 2 ** 20)} MiB`,
  ];
}

function comparisonText({ comparison, variants }: PreflightReportAnswer): readonly string[] {
  if (comparison === null) return variants.length < 2 ? [] : ['no comparison: both must have run and sent'];
  const { lost, lostCritical, moreLost, reduction } = comparison;
  const share = (value: number | null): string =>
    value === null ? NO_DATA : `${(value * 100).toFixed(1)} %`;
  const rest = Math.max(0, lost.length - LISTED) + moreLost;
  return [
    `reduction: series ${share(reduction.series)}, points ${share(reduction.points)}, bytes ${share(reduction.bytes)}`,
    lostCritical.length === 0 ? 'no critical process is lost' : `CRITICAL, LOST: ${lostCritical.join(', ')}`,
    lost.length === 0
      ? 'no process is lost by name'
      : `lost by name: ${lost.slice(0, LISTED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`,
  ];
}

function processText({ moreProcesses, processes, variant }: PreflightVariantAnswer): readonly string[] {
  if (processes.length === 0) return [];
  const rest = Math.max(0, processes.length - LISTED) + moreProcesses;
  return [
    '',
    `${variant}, by executable:`,
    table(
      ['EXECUTABLE', 'POINTS', 'SERIES'],
      processes.slice(0, LISTED).map(({ name, points, series }) => [name, points, series]),
    ),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ];
}

function simulationText(report: SimulationReportAnswer): string {
  const { bounds, classes, cpuSeconds, endedEarly, executables, processes, profile, seconds, user } = report;
  return [
    `${profile}: ${processes} processes of ${executables} executables ran as ${user} for ${seconds} s`,
    `CPU: ${cpuSeconds} s in all, bound to ${bounds.cores} cores; memory bound to ${Math.round(bounds.memoryBytes / 2 ** 20)} MiB`,
    ...(endedEarly === 0 ? [] : [`${endedEarly} ended early, for example at a limit of theirs`]),
    '',
    table(
      ['CLASS', 'PROCESSES', 'CPU SECONDS'],
      classes.map((one) => [one.name, one.processes, one.cpuSeconds]),
    ),
  ].join('\n');
}

type Report = PreflightReportAnswer | RecordingReportAnswer | SimulationReportAnswer;
const kinds: readonly string[] = ['preflight', 'recording', 'simulation'] satisfies Report['kind'][];

function reportIn(detail: string): Report | undefined {
  try {
    const found = JSON.parse(detail) as Report | null;
    return found !== null && kinds.includes(found.kind) ? found : undefined;
  } catch {
    return undefined;
  }
}
