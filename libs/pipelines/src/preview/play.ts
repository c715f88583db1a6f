import type { MetricsData } from '#lib/otlp';
import { filterMetrics } from '../interpreter/filter-metrics.js';
import { interpret } from '../interpreter/interpret.js';
import { freshMemory, type InterpreterMemory } from '../interpreter/memory.js';
import type { TopKSelection } from '../process-rules.js';
import { processorOf, type PipelineSpec } from '../spec/pipeline-spec.js';
import { processMetricNames } from '../spec/process-metrics.js';
import { ProcessLoad } from '../topk/process-load.js';
import { TopKController } from '../topk/top-k-controller.js';
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
  const players = new Map(hosts.map((host) => [host, new HostPlayer(host, pipeline, windows[0]?.at ?? 0)]));
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

/** One host that runs the pipeline: what the pipeline remembers, and its top-k set. */
class HostPlayer {
  private memory: InterpreterMemory;
  private selection: TopKSelection | undefined;
  private readonly ranking: { readonly load: ProcessLoad; readonly controller: TopKController } | undefined;
  private lookAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly host: string,
    private readonly pipeline: PreviewPipeline,
    firstAt: number,
  ) {
    const topK = processorOf(pipeline.spec, 'keepTopK');
    // The pipeline starts just before its first scrape, so nothing in it was born under its eyes.
    this.memory = freshMemory(BigInt(Math.round(firstAt)) * 1_000_000n);
    this.ranking = topK && { load: new ProcessLoad(), controller: new TopKController(topK) };
  }

  play(scrape: MetricsData, at: number): MetricsData {
    // The agent ranks once by itself before a collector starts; from then on each set holds from the next scrape on.
    const isFirst = this.selection === undefined;
    if (isFirst) this.rank(scrape, at);
    const { spec, criticalProcesses } = this.pipeline;
    const { data, memory } = interpret(
      {
        ...{ spec, criticalProcesses, host: { id: this.host, labels: {} } },
        ...(this.selection && { selection: this.selection }),
      },
      collected(scrape, spec),
      this.memory,
    );
    this.memory = memory;
    if (!isFirst) this.rank(scrape, at);
    return data;
  }

  private rank(scrape: MetricsData, at: number): void {
    const topK = processorOf(this.pipeline.spec, 'keepTopK');
    if (this.ranking === undefined || topK === undefined || at < this.lookAt) return;
    this.lookAt = at + LOOK_MS;
    this.ranking.load.observe(scrape);
    this.selection = this.ranking.controller.update(this.ranking.load.ranking(topK.rankBy), at).selection;
  }
}

/** What the scraper of this pipeline would have collected of a scrape that may hold more. */
function collected(scrape: MetricsData, { source }: PipelineSpec): MetricsData {
  const left = new Set<string>(processMetricNames.filter((name) => !source.processMetrics.includes(name)));
  return left.size === 0 ? scrape : filterMetrics(scrape, ({ name }) => !left.has(name));
}
