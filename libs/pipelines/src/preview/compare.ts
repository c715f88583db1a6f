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

/** What was exported by one pipeline, counted. */
export type Exported = {
  readonly profile: VariantProfile;
  readonly table: SeriesTable;
  readonly executables: ReadonlySet<string>;
};

/** What one pipeline made of a recording; plain data of the process, to be compared with another one's. */
export type Played = Exported & { readonly pipeline: PreviewPipeline };

/** What a comparison is about, besides the two. */
export type Compared = {
  readonly data: PreviewReport['data'];
  /** When the time that counts began, ms since the epoch. */
  readonly from: number;
  readonly limits: PreviewReport['limits'];
  readonly criticalProcesses: readonly string[];
};

/** Plays a recording to one pipeline, for `compare`. */
export function playVariant(pipeline: PreviewPipeline, recording: PlayedRecording): Played {
  return { pipeline, ...exported(play(pipeline, recording)) };
}

/** A profile that is complete, ready to be compared. */
export function exported(profile: VariantProfile): Exported {
  const executables = new Set([...profile.resources.values()].map(({ executable }) => executable));
  return { profile, table: new SeriesTable(profile), executables };
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
  const { hosts, intervalSeconds, kind, source, windows } = recording;
  return compareExported(baseline, candidate, {
    data: {
      ...{ kind, source, hosts: hosts.length, windows: windows.length, intervalSeconds },
      durationSeconds: windows.length * intervalSeconds,
    },
    from: recordedFrom(recording),
    limits: limitsOf(recording, [baseline.pipeline.spec, candidate.pipeline.spec]),
    criticalProcesses,
  });
}

/** Compares what two pipelines exported over the same time. */
export function compareExported(baseline: Exported, candidate: Exported, about: Compared): PreviewReport {
  const { criticalProcesses, data, limits } = about;
  const [before, after] = [figuresOf(baseline, about), figuresOf(candidate, about)];
  const [were, are] = [namesOf(baseline), namesOf(candidate)];
  return {
    data,
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
    limits,
  };
}

function figuresOf({ profile, table }: Exported, { data, from }: Compared): PreviewFigures {
  const minutes = data.durationSeconds / 60;
  return {
    series: table.rows.length,
    seriesPerMinute: profile.seriesPerMinute(from + minutes * 60_000),
    points: profile.points,
    pointsPerMinute: minutes > 0 ? profile.points / minutes : 0,
    bytes: profile.bytes,
    processes: profile.processes.size,
  };
}

function executablesOf(baseline: Exported, candidate: Exported): PreviewReport['processes']['executables'] {
  return [...baseline.executables]
    .filter((name) => name !== '')
    .sort()
    .map((name) => {
      const processes = processesOf(name, baseline, candidate);
      return { name, processes, outcome: outcomeOf(processes, candidate.executables.has(name)) };
    });
}

function criticalOf(
  name: string,
  baseline: Exported,
  candidate: Exported,
): PreviewReport['critical'][number] {
  const processes = processesOf(name, baseline, candidate);
  if (!baseline.executables.has(name)) return { name, processes, outcome: 'not-recorded' };
  return { name, processes, outcome: outcomeOf(processes, candidate.executables.has(name)) };
}

type ByVariant = { readonly baseline: number; readonly candidate: number };

function processesOf(name: string, baseline: Exported, candidate: Exported): ByVariant {
  const countIn = ({ profile }: Exported): number => profile.countOf(name);
  return { baseline: countIn(baseline), candidate: countIn(candidate) };
}

function outcomeOf({ baseline, candidate }: ByVariant, isNamed: boolean): PreviewOutcome {
  if (!isNamed) return 'lost';
  if (candidate >= baseline) return 'kept';
  return candidate > 0 ? 'partly' : 'merged';
}

function namesOf({ table }: Exported): ReadonlySet<string> {
  return new Set(table.rows.map(({ shape }) => shape.metric));
}

function without(names: ReadonlySet<string>, others: ReadonlySet<string>): readonly string[] {
  return [...names].filter((name) => !others.has(name)).sort();
}

function shareSaved(before: number, after: number): number | null {
  return before > 0 ? 1 - after / before : null;
}
