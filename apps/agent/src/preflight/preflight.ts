import { reasonOf, type Clock } from '#lib/agent-core';
import type { Preflight } from '#lib/agent-protocol';
import { WINDOW_MS } from '#lib/metering';
import { exportSecondsOf, ExportTally } from '#lib/pipelines';
import type { CollectorSpec, Variant } from '../collectors/collector.js';
import { parseCollector } from '../reconcile/target.js';
import { detailOf, reportOf, type Trial } from './report.js';
import type { Sandbox, Sandboxes } from './sandbox.js';

export type PreflightTools = {
  readonly sandboxes: Sandboxes;
  readonly identity: { readonly host: string };
  /** Tells how far it is. */
  readonly progress: (note: string) => Promise<void>;
  readonly clock: Clock;
};

const POLL_MS = 200;
/** What a window may take to be closed. */
const CLOSING_MS = 3_000;

/**
 * Tries pipelines on this host beside whatever runs, and tells what they would send. Nothing of it is left when the
 * promise settles. @returns the report as the detail of a result @throws the signal's reason when it is aborted
 */
export async function preflight(
  task: Preflight,
  tools: PreflightTools,
  signal: AbortSignal,
): Promise<string> {
  const sandbox = await tools.sandboxes.open();
  try {
    const trials = await begun(task, { ...tools, sandbox }, signal);
    const span = spanOf(task, trials, { ...tools, sandbox });
    const tally = tallyOf(task, span, { ...tools, sandbox });
    sandbox.onExport((variant, body, at) => tally.add(variant, body, at));
    await measured(span, trials, { ...tools, sandbox }, signal);
    return detailOf(
      reportOf({
        tally,
        trials: trials.map((trial) => afterAll(trial, sandbox)),
        collector: { kind: sandbox.collector.kind, version: sandbox.collector.version },
        windows: sandbox.windows(),
        span,
        critical: task.criticalProcesses,
      }),
    );
  } finally {
    await sandbox.close();
  }
}

type Bench = PreflightTools & { readonly sandbox: Sandbox };
type Span = { readonly start: number; readonly seconds: number };

/** Every pipeline validated by the real collector, and those that it takes running. */
async function begun(
  { collectors }: Preflight,
  bench: Bench,
  signal: AbortSignal,
): Promise<readonly Trial[]> {
  const { progress, sandbox } = bench;
  const trials: Trial[] = [];
  const specs: CollectorSpec[] = [];
  for (const { configHash, rendered, variant } of collectors) {
    const spec = parseCollector({ variant, role: 'shadow', configHash, rendered });
    const reason = typeof spec === 'string' ? spec : await sandbox.validate(spec);
    signal.throwIfAborted();
    await progress(`${variant}: ${reason === undefined ? 'valid' : `refused, ${reason}`}`.slice(0, 1000));
    if (typeof spec !== 'string' && reason === undefined) specs.push({ ...spec, isTrial: true });
    else trials.push({ variant, configHash, verdict: 'refused', reason: reason ?? null });
  }
  // All are awaited before anybody gives up, so that a start which is under way is not left alone.
  const started = await Promise.all(sandbox.prepared(specs).map((spec) => startOf(spec, sandbox, signal)));
  signal.throwIfAborted();
  return [...trials, ...started].sort((a, b) => (a.variant < b.variant ? -1 : 1));
}

async function startOf(spec: CollectorSpec, sandbox: Sandbox, signal: AbortSignal): Promise<Trial> {
  const { configHash, variant } = spec;
  try {
    await sandbox.start(spec, signal);
    return { variant, configHash, verdict: 'ran', reason: null };
  } catch (error) {
    return { variant, configHash, verdict: 'failed', reason: reasonOf(error) };
  }
}

/** Whole windows from the first that begins while all run; one that exports seldom gets one export at least. */
function spanOf({ seconds }: Preflight, trials: readonly Trial[], { clock, sandbox }: Bench): Span {
  const start = clock.now() - (clock.now() % WINDOW_MS) + WINDOW_MS;
  if (ranIn(trials).length === 0) return { start, seconds: 0 };
  const slowest = Math.max(0, ...sandbox.running().map(({ spec }) => exportSecondsOf(spec.rendered)));
  const count = Math.ceil((Math.max(seconds, slowest) * 1000) / WINDOW_MS);
  return { start, seconds: (count * WINDOW_MS) / 1000 };
}

function tallyOf({ taskId }: Preflight, { seconds, start }: Span, { identity, sandbox }: Bench): ExportTally {
  const { host } = identity;
  const intervalSeconds = Math.min(...intervalsIn(sandbox), seconds || 1);
  const source = `preflight ${taskId} on host ${host}, as the collectors exported it`;
  return new ExportTally({ host, source, from: start, seconds, intervalSeconds });
}

function intervalsIn(sandbox: Sandbox): readonly number[] {
  return sandbox.running().map(({ admission }) => admission.intervalSeconds);
}

function ranIn(trials: readonly Trial[]): readonly Variant[] {
  return trials.filter(({ verdict }) => verdict === 'ran').map(({ variant }) => variant);
}

/** Resolves when the windows of the span are closed, or nothing more can come. */
async function measured(
  { seconds, start }: Span,
  trials: readonly Trial[],
  { clock, progress, sandbox }: Bench,
  signal: AbortSignal,
): Promise<void> {
  const names = ranIn(trials);
  if (names.length === 0) return;
  const count = (seconds * 1000) / WINDOW_MS;
  const end = start + seconds * 1000;
  await progress(`measuring ${names.join(' and ')} for ${(count * WINDOW_MS) / 1000} s`);
  const closed = (): number => sandbox.windows().filter((window) => window.start >= start).length;
  for (let told = 0; closed() < count && clock.now() < end + CLOSING_MS;) {
    await clock.sleep(POLL_MS, signal);
    if (names.every((variant) => sandbox.failureOf(variant) !== undefined)) break;
    if (closed() > told) await progress(`window ${(told = closed())} of ${count}`);
  }
  signal.throwIfAborted();
}

function afterAll(trial: Trial, sandbox: Sandbox): Trial {
  const failure = trial.verdict === 'ran' ? sandbox.failureOf(trial.variant) : undefined;
  return failure === undefined ? trial : { ...trial, verdict: 'failed', reason: failure };
}
