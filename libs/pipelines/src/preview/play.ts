import type { MetricsData } from '#lib/otlp';
import { filterMetrics } from '../interpreter/filter-metrics.js';
import { interpret } from '../interpreter/interpret.js';
import { freshMemory, type InterpreterMemory } from '../interpreter/memory.js';
import { once } from '../interpreter/once.js';
import type { TopKSelection } from '../process-rules.js';
import { controlOf } from '../render/control-of.js';
import type { HostIdentity } from '../render/render-processors.js';
import { metricsOfSource } from '../spec/metric-rules.js';
import type { PipelineSpec } from '../spec/pipeline-spec.js';
import { processMetricNames } from '../spec/process-metrics.js';
import { systemMetricNames } from '../spec/system-metrics.js';
import { isSelecting } from '../spec/selection-rules.js';
import type { HostCapacity } from '../adaptive/adaptive-settings.js';
import { ProcessLoad, type WindowLoad } from '../topk/process-load.js';
import { controllerOf, type SetController } from '../topk/set-controller.js';
import { pagesOf, withoutPages } from './pages.js';
import type { PlayedRecording } from './played-recording.js';
import { VariantProfile } from './variant-profile.js';

/** A pipeline as all hosts of a recording would run it. */
export type PreviewPipeline = {
  readonly spec: PipelineSpec;
  readonly criticalProcesses: readonly string[];
};

/** What a pipeline would have exported of a recording, host by host, window by window. Pure but for its caches. */
export function play(pipeline: PreviewPipeline, recording: PlayedRecording): VariantProfile {
  const { hosts, intervalSeconds, layouts, windows } = recording;
  const profile = new VariantProfile(layouts, recordedFrom(recording));
  const every = scrapesPerScrape(pipeline.spec, intervalSeconds);
  const players = new Map(hosts.map((host) => [host, new HostPlayer(host, pipeline, recording)]));
  for (const { at, scrapes } of windows.filter((_, index) => index % every === 0))
    for (const { data, host } of scrapes)
      profile.add(host, at, players.get(host)?.play(data, at) ?? { resourceMetrics: [] });
  return profile;
}

/** When the first window began, ms since the epoch. */
export function recordedFrom({ intervalSeconds, windows }: PlayedRecording): number {
  return (windows[0]?.at ?? 0) - intervalSeconds * 1000;
}

/** A pipeline that scrapes every minute sees each sixth of the scrapes of ten seconds; one that scrapes more often sees all. */
export function scrapesPerScrape({ source }: PipelineSpec, recordedSeconds: number): number {
  const every = source.intervalSeconds / recordedSeconds;
  return Number.isInteger(every) ? every : 1;
}

/** Rankings are looked at once a window, as the agent does, however often is scraped. */
const LOOK_MS = 9_500;

/** A recording does not tell how large its hosts are. */
export const assumedCapacity: HostCapacity = { cores: 8, memoryBytes: 32 * 1024 ** 3 };

/** One host that runs the pipeline: what the pipeline remembers, and the set of processes that it keeps. */
class HostPlayer {
  private memory: InterpreterMemory;
  private selection: TopKSelection | undefined;
  private readonly controller: SetController | undefined;
  private readonly load = new ProcessLoad();
  private lookAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly host: string,
    private readonly pipeline: PreviewPipeline,
    private readonly recording: PlayedRecording,
  ) {
    const { criticalProcesses, spec } = pipeline;
    const selecting = spec.processors.find(isSelecting);
    this.controller =
      selecting && controllerOf(controlOf(selecting, spec, criticalProcesses), assumedCapacity);
    // The pipeline starts just before its first scrape, so nothing in it was born under its eyes.
    this.memory = freshMemory(BigInt(Math.round(recording.windows[0]?.at ?? 0)) * 1_000_000n);
  }

  play(scrape: MetricsData, at: number): MetricsData {
    // The agent ranks once by itself before a collector starts; from then on each set holds from the next scrape on.
    const isFirst = this.selection === undefined;
    if (isFirst) this.rank(scrape, at);
    const { spec, criticalProcesses } = this.pipeline;
    const { data, memory } = interpret(
      {
        ...{ spec, criticalProcesses, host: identityOf(this.recording, this.host) },
        ...(this.selection && { selection: this.selection }),
      },
      collected(scrape, spec, this.recording),
      this.memory,
    );
    this.memory = memory;
    if (!isFirst) this.rank(scrape, at);
    return data;
  }

  private rank(scrape: MetricsData, at: number): void {
    if (this.controller === undefined || at < this.lookAt) return;
    this.lookAt = at + LOOK_MS;
    this.selection = this.controller.update(this.loadOf(scrape, at), at).selection;
  }

  /** Looks fall on the same scrapes for all pipelines with one interval, so either all loads are known or none. */
  private loadOf(scrape: MetricsData, at: number): WindowLoad {
    const { loads } = this.recording;
    const key = `${this.host} ${this.pipeline.spec.source.intervalSeconds} ${at}`;
    const load = loads.get(key) ?? this.load.observe(scrape);
    loads.set(key, load);
    return load;
  }
}

/** One object for each host of a recording, so that resources are named after it once. */
function identityOf(recording: PlayedRecording, host: string): HostIdentity {
  return identities(recording).get(host) ?? { id: host, labels: {} };
}

const identities = once(
  ({ hosts }: PlayedRecording) =>
    new Map(hosts.map((id): [string, HostIdentity] => [id, { id, labels: {} }])),
);

/** What the source of this pipeline would have collected of a scrape that may hold more. */
function collected(scrape: MetricsData, { source }: PipelineSpec, { layouts }: PlayedRecording): MetricsData {
  const left = source.kind === 'prometheus' ? [] : leftBy(source, scrape);
  const targets = source.kind === 'prometheus' ? source.targets : [];
  const last = lastCollected(scrape);
  const key = [source.kind, ...left, ...targets].join(' ');
  if (last.key !== key) {
    last.key = key;
    last.data = source.kind === 'prometheus' ? pagesOf(scrape, targets) : without(left, scrape, source.kind);
    if (last.data !== scrape) layouts.expect(last.data);
  }
  return last.data;
}

/** Names of scrapers that a scrape holds and a source does not ask for. */
function leftBy(source: PipelineSpec['source'], scrape: MetricsData): readonly string[] {
  const asked = new Set(metricsOfSource(source));
  const held = namesIn(scrape);
  return scrapedNames.filter((name) => !asked.has(name) && held.has(name));
}

/** Others push what they have read of pages; a scraper of the host reads none. */
function without(left: readonly string[], scrape: MetricsData, kind: 'hostmetrics' | 'otlp'): MetricsData {
  const own = kind === 'hostmetrics' ? withoutPages(scrape) : scrape;
  return left.length === 0 ? own : filterMetrics(own, ({ name }) => !left.includes(name));
}

/** What was collected of a scrape last: whoever changes a pipeline hardly ever changes what it asks for. */
const lastCollected = once((scrape: MetricsData): { key: string; data: MetricsData } => ({
  key: '',
  data: scrape,
}));

const namesIn = once(({ resourceMetrics }: MetricsData): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const { scopeMetrics } of resourceMetrics)
    for (const { metrics } of scopeMetrics) for (const { name } of metrics) names.add(name);
  return names;
});

/** All that a recording may hold of the scrapers. */
const scrapedNames: readonly string[] = [...processMetricNames, ...systemMetricNames];
