import { availableParallelism, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  controllerOf,
  ProcessLoad,
  renderPipeline,
  type RenderedPipeline,
  type TopKSelection,
} from '#lib/pipelines';
import { startPipeline } from './collector.js';
import { scrapeOf, type Scrape } from './scrape.js';
import type { Sink } from './sink.js';

/** The unreduced pipeline, running beside all others. */
export interface Reference {
  /** What it sent between two moments, ms of this process's clock, and the scrape before. */
  between(from: number, to: number): readonly Scrape[];
  /** The set that an agent would choose for a pipeline now; undefined where none is controlled. */
  selectionFor(rendered: RenderedPipeline): TopKSelection | undefined;
  stop(): Promise<void>;
}

export interface ReferenceOptions {
  readonly binary: string;
  readonly sink: Sink;
  readonly intervalSeconds: number;
  readonly criticalProcesses: readonly string[];
}

/** How many scrapes it takes until the use of processes is known. */
const SCRAPES_TO_RANK = 2;
const PATIENCE_MS = 120_000;

export async function startReference(options: ReferenceOptions): Promise<Reference> {
  const { binary, criticalProcesses, intervalSeconds, sink } = options;
  const load = new ProcessLoad();
  const scrapes: Scrape[] = [];
  const rendered = renderPipeline({
    ...{ template: 'baseline', parameters: { intervalSeconds } },
    ...{ host: { id: 'campaign', labels: {} }, criticalProcesses },
  });
  const meterEndpoint = sink.endpointFor('reference', (_, data) => {
    load.observe(data);
    scrapes.push(scrapeOf(data, performance.now()));
  });
  const collector = await startPipeline({ binary, rendered, meterEndpoint });
  const deadline = performance.now() + PATIENCE_MS;
  while (scrapes.length < SCRAPES_TO_RANK) {
    if (collector.ended() !== undefined || performance.now() > deadline) {
      await collector.stop();
      throw new Error(`nothing came of the baseline: ${collector.ended() ?? collector.log.at(-1) ?? ''}`);
    }
    await sleep(50);
  }
  return {
    between: (from, to) => scrapes.filter(({ at }) => at >= from - intervalSeconds * 1000 && at <= to),
    selectionFor: ({ control }) => {
      if (control === undefined) return undefined;
      const capacity = { cores: availableParallelism(), memoryBytes: totalmem() };
      return controllerOf(control, capacity).update(load.latest, Date.now()).selection;
    },
    stop: () => collector.stop(),
  };
}
