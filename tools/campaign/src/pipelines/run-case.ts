import { setTimeout as sleep } from 'node:timers/promises';
import { rankingTapPath, renderPipeline, type RenderedPipeline } from '#lib/pipelines';
import type { Case } from './cases.js';
import { NotLoaded, startPipeline, type RunningCollector } from './collector.js';
import type { Observation } from './judge.js';
import type { Load } from './load.js';
import type { Reference } from './reference.js';
import { scrapeOf, type Scrape } from './scrape.js';
import type { Sink } from './sink.js';

/** What all cases of a campaign share. */
export interface Stage {
  readonly binary: string;
  readonly sink: Sink;
  readonly load: Load;
  readonly reference: Reference;
  readonly criticalProcesses: readonly string[];
  readonly seconds: number;
}

const SLICE_MS = 100;

/** Runs one template for the time that was asked for, or until it breaks off. */
export async function runCase(one: Case, stage: Stage): Promise<Observation> {
  const { criticalProcesses, load, reference, seconds } = stage;
  const rendered = renderPipeline({
    ...{ template: one.template, parameters: one.parameters },
    ...{ host: { id: 'campaign', labels: { tried: one.end } }, criticalProcesses },
  });
  const began = performance.now();
  const heard = await listen(one, rendered, stage);
  const { rankingMetrics = [] } = rendered;
  return {
    ...{ case: one, seconds, intervalSeconds: rendered.intervalSeconds, rankingMetrics },
    ...{ critical: load.critical, reference: reference.between(began, performance.now()) },
    ...(heard.failure !== undefined && { failure: heard.failure }),
    ...{ scrapes: heard.scrapes, errors: heard.log.filter(isError) },
    ...(rendered.control !== undefined && { taps: heard.taps }),
  };
}

interface Heard {
  readonly scrapes: readonly Scrape[];
  readonly taps: readonly Scrape[];
  readonly log: readonly string[];
  readonly failure?: string;
}

async function listen({ end, template }: Case, rendered: RenderedPipeline, stage: Stage): Promise<Heard> {
  const { binary, reference, seconds, sink } = stage;
  const scrapes: Scrape[] = [];
  const taps: Scrape[] = [];
  const meterEndpoint = sink.endpointFor(`${template}-${end}`, (path, data) =>
    (path === rankingTapPath ? taps : scrapes).push(scrapeOf(data, performance.now())),
  );
  const selection = reference.selectionFor(rendered);
  try {
    const collector = await startPipeline({
      binary,
      rendered,
      meterEndpoint,
      ...(selection && { selection }),
    });
    const failure = await watch(collector, seconds);
    await collector.stop();
    return { scrapes, taps, log: collector.log, ...(failure !== undefined && { failure }) };
  } catch (error) {
    if (error instanceof NotLoaded) return { scrapes, taps, log: [], failure: error.message };
    throw error;
  }
}

/** Lets it run; answers how it ended by itself, if it did. */
async function watch(collector: RunningCollector, seconds: number): Promise<string | undefined> {
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until && collector.ended() === undefined) await sleep(SLICE_MS);
  return collector.ended();
}

const bad = new Set(['error', 'dpanic', 'panic', 'fatal']);

/** The log is JSON, line by line; what is none, such as the trace of a crash, is bad. */
export function isError(line: string): boolean {
  if (line.trim() === '') return false;
  try {
    return bad.has((JSON.parse(line) as { readonly level?: string }).level ?? '');
  } catch {
    return true;
  }
}
