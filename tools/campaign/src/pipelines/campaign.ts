import type { TemplateId } from '#lib/pipelines';
import { casesOf, type Case } from './cases.js';
import { collectorBinary } from './collector.js';
import { judge, meanSeries, type Observation, type Violation } from './judge.js';
import { criticalNames, startLoad } from './load.js';
import { startReference } from './reference.js';
import { runCase, type Stage } from './run-case.js';
import { startSink } from './sink.js';

export interface PipelinesOptions {
  /** How long each case runs. */
  readonly seconds: number;
  /** Collectors at a time, besides the one of the baseline. */
  readonly parallel: number;
  /** No new case is begun after so long. */
  readonly minutes: number;
  readonly only: TemplateId | undefined;
}

/** One case with its figures and all that did not hold. */
export interface CaseResult {
  readonly case: Case;
  readonly scrapes: number;
  /** Means of a scrape. */
  readonly series: number;
  readonly baselineSeries: number;
  readonly errors: number;
  readonly violations: readonly Violation[];
}

export interface CampaignResult {
  readonly asked: number;
  readonly processes: number;
  readonly seconds: number;
  readonly results: readonly CaseResult[];
}

/** Fits some scrapes of the baseline into the time of a case, without scraping all the time. */
const REFERENCE_SECONDS = 5;

/** Tries case after case, several at a time, until all are done or the time is up. */
export async function runPipelines(
  options: PipelinesOptions,
  tell: (line: string) => void,
): Promise<CampaignResult> {
  const cases = casesOf(options.only);
  const began = performance.now();
  const deadline = began + options.minutes * 60_000;
  const binary = await collectorBinary();
  const closing: (() => Promise<void>)[] = [];
  const opened = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const part = await starting;
    closing.unshift(() => part.stop());
    return part;
  };
  try {
    const [sink, load] = [await opened(startSink()), await opened(startLoad())];
    const criticalProcesses = [...criticalNames];
    const intervalSeconds = Math.max(1, Math.min(REFERENCE_SECONDS, Math.floor(options.seconds / 3)));
    const reference = await opened(startReference({ binary, sink, intervalSeconds, criticalProcesses }));
    const stage = { binary, sink, load, reference, criticalProcesses, seconds: options.seconds };
    const results = await inParallel(cases, { ...options, deadline, stage, tell });
    const seconds = (performance.now() - began) / 1000;
    return { asked: cases.length, processes: load.processes, seconds, results };
  } finally {
    for (const close of closing) await close();
  }
}

interface Work {
  readonly parallel: number;
  readonly deadline: number;
  readonly stage: Stage;
  readonly tell: (line: string) => void;
}

/** In the order of the cases, whichever ends first. */
async function inParallel(cases: readonly Case[], work: Work): Promise<readonly CaseResult[]> {
  const { deadline, parallel, stage, tell } = work;
  const results: (CaseResult | undefined)[] = cases.map(() => undefined);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const index = next++;
      const one = cases[index];
      if (one === undefined || performance.now() > deadline) return;
      const result = resultOf(await runCase(one, stage));
      results[index] = result;
      tellOf(result, tell);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return results.filter((result) => result !== undefined);
}

function resultOf(seen: Observation): CaseResult {
  return {
    case: seen.case,
    scrapes: seen.scrapes.length,
    series: meanSeries(seen.scrapes),
    baselineSeries: meanSeries(seen.reference),
    errors: seen.errors.length,
    violations: judge(seen),
  };
}

function tellOf(result: CaseResult, tell: (line: string) => void): void {
  const { baselineSeries, case: one, scrapes, series, violations } = result;
  const figures = `${scrapes} scrapes, ${Math.round(series)} of ${Math.round(baselineSeries)} series`;
  tell(`${one.template} ${one.end}: ${figures}, ${violations.length} violations`);
  for (const { property, what } of violations) tell(`VIOLATED ${property}: ${what}`);
}
