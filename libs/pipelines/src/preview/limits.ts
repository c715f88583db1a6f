import { processorOf, type PipelineSpec } from '../spec/pipeline-spec.js';
import { metricsOfSource } from '../spec/metric-rules.js';
import { targetsIn } from './pages.js';
import { assumedCapacity, scrapesPerScrape } from './play.js';
import type { PlayedRecording } from './played-recording.js';
import type { PreviewReport } from './report.js';

type Limit = PreviewReport['limits'][number];

const DAY_SECONDS = 86_400;

/** What this preview cannot tell, so that nobody takes it for a measurement. */
export function limitsOf(recording: PlayedRecording, specs: readonly PipelineSpec[]): readonly Limit[] {
  const ofSpecs = specs.flatMap((spec) => ofSpec(recording, spec));
  // What is said of both pipelines is said once.
  const different = new Map(ofSpecs.map((limit) => [limit.text, limit]));
  return [...made(recording), ...length(recording), ...different.values(), ...always];
}

/** What a measurement on one host for so long cannot tell. */
export function measuredLimits(seconds: number): readonly Limit[] {
  return [...tooShort(seconds, 'measured'), wireBytes];
}

const wireBytes: Limit = {
  code: 'wire-bytes',
  text: 'Bytes are those of the exports before compression.',
};

const always: readonly Limit[] = [
  {
    code: 'collector-cost',
    text: 'CPU and memory of the collectors are not known before a preflight or an experiment.',
  },
  wireBytes,
  {
    code: 'labels',
    text: 'Hosts are played without labels; labels make exports longer, but never more or fewer series.',
  },
];

function made({ kind }: PlayedRecording): readonly Limit[] {
  if (kind === 'captured') return [];
  const text =
    'The fleet is made up: the real one has other processes, so shares are a guess until it is recorded.';
  return [{ code: 'made-up', text }];
}

function length({ intervalSeconds, windows }: PlayedRecording): readonly Limit[] {
  return tooShort(windows.length * intervalSeconds, 'recorded');
}

function tooShort(seconds: number, how: 'recorded' | 'measured'): readonly Limit[] {
  if (seconds >= DAY_SECONDS) return [];
  const text = `${seconds} s were ${how}: what comes by the hour or the day, and the churn of a day, is not in it.`;
  return [{ code: 'short', text }];
}

function ofSpec(recording: PlayedRecording, spec: PipelineSpec): readonly Limit[] {
  return [...interval(recording, spec), ...metrics(recording, spec), ...capacity(spec)];
}

function capacity(spec: PipelineSpec): readonly Limit[] {
  if (processorOf(spec, 'keepAdaptive') === undefined) return [];
  const { cores, memoryBytes } = assumedCapacity;
  const text = `Limits that move with the load were played on hosts with ${cores} cores and ${memoryBytes / 1024 ** 3} GiB.`;
  return [{ code: 'capacity', text }];
}

function interval({ intervalSeconds: recorded }: PlayedRecording, spec: PipelineSpec): readonly Limit[] {
  const { intervalSeconds } = spec.source;
  if (intervalSeconds === recorded * scrapesPerScrape(spec, recorded)) return [];
  const text = `A pipeline scrapes every ${intervalSeconds} s and the recording was scraped every ${recorded} s; it was played as recorded, so points and bytes differ.`;
  return [{ code: 'interval', text }];
}

function metrics(recording: PlayedRecording, { source }: PipelineSpec): readonly Limit[] {
  const { windows } = recording;
  if (source.kind === 'prometheus') return pages(recording, source.targets);
  const known = new Set<string>();
  for (const { data } of windows[0]?.scrapes ?? [])
    for (const { scopeMetrics } of data.resourceMetrics)
      for (const inScope of scopeMetrics) for (const { name } of inScope.metrics) known.add(name);
  const given = metricsOfSource(source);
  if (given === undefined) {
    const text = 'A pipeline takes what applications push, of which the recording holds nothing.';
    return [{ code: 'metrics', text }];
  }
  const missing = given.filter((name) => !known.has(name));
  if (missing.length === 0) return [];
  const text = `The recording does not hold ${missing.join(', ')}, which a pipeline asks for.`;
  return [{ code: 'metrics', text }];
}

function pages({ windows }: PlayedRecording, targets: readonly string[]): readonly Limit[] {
  const known = new Set((windows[0]?.scrapes ?? []).flatMap(({ data }) => targetsIn(data)));
  const missing = targets.filter((target) => !known.has(target));
  if (missing.length === 0) return [];
  const text =
    missing.length === targets.length
      ? 'A pipeline scrapes Prometheus targets, of which the recording holds nothing.'
      : `The recording holds no page of ${missing.join(', ')}, which a pipeline scrapes.`;
  return [{ code: 'metrics', text }];
}
