import { attributionOf, attributesOnlyIn, SeriesTable } from './attribution.js';
import { limitsOf } from './limits.js';
import { play, recordedFrom, type PreviewPipeline } from './play.js';
import type { PlayedRecording } from './played-recording.js';
import type { PreviewFigures, PreviewOutcome, PreviewReport } from './report.js';
import type { VariantProfile } from './variant-profile.js';

export type PreviewRequest = {
  readonly baseline: PreviewPipeline;
  readonly candidate: PreviewPipeline;
  /** Executables that must not be lost. */
  readonly criticalProcesses: readonly string[];
};

/** What one pipeline made of a recording; plain data of the process, to be compared with another one's. */
export type Played = {
  readonly pipeline: PreviewPipeline;
  readonly profile: VariantProfile;
  readonly table: SeriesTable;
  readonly executables: ReadonlySet<string>;
};

/** Plays a recording to one pipeline, for `compare`. */
export function playVariant(pipeline: PreviewPipeline, recording: PlayedRecording): Played {
  const profile = play(pipeline, recording);
  const executables = new Set([...profile.resources.values()].map(({ executable }) => executable));
  return { pipeline, profile, table: new SeriesTable(profile), executables };
}

/** What the candidate would change against the baseline on this recording. Equal inputs give equal reports. */
export function preview(request: PreviewRequest, recording: PlayedRecording): PreviewReport {
  return comparePlayed(playVariant(request.baseline, recording), playVariant(request.candidate, recording), {
    recording,
    criticalProcesses: request.criticalProcesses,
  });
}

/** Compares what two pipelines made of the same recording. */
export function comparePlayed(
  baseline: Played,
  candidate: Played,
  {
    criticalProcesses,
    recording,
  }: { readonly recording: PlayedRecording; readonly criticalProcesses: readonly string[] },
): PreviewReport {
  const [before, after] = [figuresOf(baseline, recording), figuresOf(candidate, recording)];
  const { hosts, intervalSeconds, kind, source, windows } = recording;
  const [were, are] = [namesOf(baseline), namesOf(candidate)];
  return {
    data: {
      ...{ kind, source, hosts: hosts.length, windows: windows.length, intervalSeconds },
      durationSeconds: windows.length * intervalSeconds,
    },
    baseline: before,
    candidate: after,
    reduction: {
      series: shareSaved(before.series, after.series),
      points: shareSaved(before.points, after.points),
      bytes: shareSaved(before.bytes, after.bytes),
    },
    processes: {
      lost: [...baseline.profile.processes.keys()].filter((key) => !candidate.profile.processes.has(key))
        .length,
      executables: executablesOf(baseline, candidate),
    },
    critical: [...new Set(criticalProcesses)].sort().map((name) => criticalOf(name, baseline, candidate)),
    metrics: { lost: without(were, are), added: without(are, were) },
    attributes: {
      lost: attributesOnlyIn(baseline.table, candidate.table),
      added: attributesOnlyIn(candidate.table, baseline.table),
    },
    attribution: attributionOf(baseline.table, candidate.table),
    limits: limitsOf(recording, [baseline.pipeline.spec, candidate.pipeline.spec]),
  };
}

function figuresOf({ profile, table }: Played, recording: PlayedRecording): PreviewFigures {
  const minutes = (recording.windows.length * recording.intervalSeconds) / 60;
  return {
    series: table.rows.length,
    seriesPerMinute: profile.seriesPerMinute(recordedFrom(recording) + minutes * 60_000),
    points: profile.points,
    pointsPerMinute: minutes > 0 ? profile.points / minutes : 0,
    bytes: profile.bytes,
    processes: profile.processes.size,
  };
}

function executablesOf(baseline: Played, candidate: Played): PreviewReport['processes']['executables'] {
  return [...baseline.executables]
    .filter((name) => name !== '')
    .sort()
    .map((name) => {
      const processes = processesOf(name, baseline, candidate);
      return { name, processes, outcome: outcomeOf(processes, candidate.executables.has(name)) };
    });
}

function criticalOf(name: string, baseline: Played, candidate: Played): PreviewReport['critical'][number] {
  const processes = processesOf(name, baseline, candidate);
  if (!baseline.executables.has(name)) return { name, processes, outcome: 'not-recorded' };
  return { name, processes, outcome: outcomeOf(processes, candidate.executables.has(name)) };
}

type ByVariant = { readonly baseline: number; readonly candidate: number };

function processesOf(name: string, baseline: Played, candidate: Played): ByVariant {
  const countIn = ({ profile }: Played): number => profile.countOf(name);
  return { baseline: countIn(baseline), candidate: countIn(candidate) };
}

function outcomeOf({ baseline, candidate }: ByVariant, isNamed: boolean): PreviewOutcome {
  if (!isNamed) return 'lost';
  if (candidate >= baseline) return 'kept';
  return candidate > 0 ? 'partly' : 'merged';
}

function namesOf({ table }: Played): ReadonlySet<string> {
  return new Set(table.rows.map(({ shape }) => shape.metric));
}

function without(names: ReadonlySet<string>, others: ReadonlySet<string>): readonly string[] {
  return [...names].filter((name) => !others.has(name)).sort();
}

function shareSaved(before: number, after: number): number | null {
  return before > 0 ? 1 - after / before : null;
}
