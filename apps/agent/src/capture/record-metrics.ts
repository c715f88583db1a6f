import { createHash } from 'node:crypto';
import type { Clock } from '#lib/agent-core';
import {
  MAX_CAPTURED_BYTES,
  RECORDING_PART_BYTES,
  type RecordingReport,
  type RecordMetrics,
} from '#lib/agent-protocol';
import { decodeMetrics } from '#lib/otlp';
import {
  packRecording,
  readsPages,
  RECORDING_SCHEMA_VERSION,
  targetsIn,
  type RecordingHeader,
} from '#lib/pipelines';
import type { CollectorSpec } from '../collectors/collector.js';
import type { Sandbox, Sandboxes } from '../preflight/sandbox.js';
import type { Tell } from '../reconcile/attempts.js';
import { parseCollector } from '../reconcile/target.js';
import { ScrapeCapture, type CaptureLimits } from './scrape-capture.js';

export type CaptureTools = {
  readonly identity: { readonly tenant: string; readonly host: string };
  readonly sandboxes: Sandboxes;
  /** Puts a part on the way; resolves once it is on disk. */
  readonly tell: Tell;
  /** Tells how far it is. */
  readonly progress: (note: string) => Promise<void>;
  readonly clock: Clock;
  /** Smaller ones in tests. */
  readonly captureLimits?: CaptureLimits;
};

const POLL_MS = 200;
/** After so long without another request, a scrape is taken to be complete. */
const SETTLED_MS = 1_000;
/** What scrapes may take beyond their time, all together. */
const SLACK_MS = 10_000;

/**
 * Records what one pipeline scrapes on this host, beside whatever runs, and puts the recording on its way in parts.
 * Nothing of the collector is left when the promise settles. @returns the report as the detail of a result
 * @throws Error with the reason there is no recording; the signal's reason when it is aborted
 */
export async function recordMetrics(
  task: RecordMetrics,
  tools: CaptureTools,
  signal: AbortSignal,
): Promise<string> {
  const { capture, intervalSeconds } = await captured(task, tools, signal);
  if (capture.windows === 0) throw new Error(`nothing was recorded: ${capture.full ?? 'no scrape came'}`);
  const header = headerOf(task, tools, { capture, intervalSeconds });
  const content = await packRecording(header, capture.recorded());
  if (content.length > MAX_CAPTURED_BYTES)
    throw new Error(`the recording takes ${content.length} bytes of at most ${MAX_CAPTURED_BYTES}`);
  const parts = await send(task, content, tools, signal);
  const report: RecordingReport = {
    kind: 'recording',
    ...{ windows: header.windows, intervalSeconds, points: header.points, series: header.series },
    ...{ bytes: content.length, parts, sha256: createHash('sha256').update(content).digest('hex') },
    ...{ endedEarly: earlyEndOf(capture, wantedWindows(task, intervalSeconds)), recording: null },
  };
  return JSON.stringify(report);
}

type Captured = { readonly capture: ScrapeCapture; readonly intervalSeconds: number };

async function captured(task: RecordMetrics, tools: CaptureTools, signal: AbortSignal): Promise<Captured> {
  const sandbox = await tools.sandboxes.open();
  try {
    const spec = await validated(task, sandbox);
    signal.throwIfAborted();
    const { intervalSeconds } = spec.rendered;
    const capture = new ScrapeCapture({
      ...{ host: tools.identity.host, intervalSeconds, windows: wantedWindows(task, intervalSeconds) },
      ...(tools.captureLimits && { limits: tools.captureLimits }),
      ...(readsPages(spec.rendered) && { scrapedOf: pageIn }),
    });
    sandbox.onExport((_variant, body) => capture.add(body));
    for (const one of sandbox.prepared([{ ...spec, isTrial: true }])) await sandbox.start(one, signal);
    const spreadMs = readsPages(spec.rendered) ? intervalSeconds * 1000 : 0;
    await scraped(capture, { ...tools, sandbox, task, intervalSeconds, spreadMs }, signal);
    return { capture, intervalSeconds };
  } finally {
    await sandbox.close();
  }
}

async function validated({ collector }: RecordMetrics, sandbox: Sandbox): Promise<CollectorSpec> {
  const { configHash, rendered } = collector;
  const spec = parseCollector({ variant: 'baseline', role: 'shadow', configHash, rendered });
  if (typeof spec === 'string') throw new Error(spec);
  const reason = await sandbox.validate(spec);
  if (reason !== undefined) throw new Error(`the collector refuses the pipeline: ${reason}`);
  return spec;
}

type Scraping = CaptureTools & {
  readonly sandbox: Sandbox;
  readonly task: RecordMetrics;
  readonly intervalSeconds: number;
  /** Over how long the scrapes of one window are spread. */
  readonly spreadMs: number;
};

/** The pages of a request, by their targets. */
function pageIn(body: Uint8Array): string {
  return targetsIn(decodeMetrics(body)).join(' ');
}

async function scraped(
  capture: ScrapeCapture,
  { clock, intervalSeconds, progress, sandbox, spreadMs, task }: Scraping,
  signal: AbortSignal,
): Promise<void> {
  const wanted = wantedWindows(task, intervalSeconds);
  // A page may be as late within its interval as it takes, and take as long as that.
  const end = clock.now() + wanted * intervalSeconds * 1000 + SLACK_MS + 2 * spreadMs;
  await progress(`recording ${wanted} windows of ${intervalSeconds} s`);
  let points = capture.size.points;
  let newestAt = clock.now();
  while (!capture.isClosed && clock.now() < end) {
    await clock.sleep(POLL_MS, signal);
    const failure = sandbox.failureOf('baseline');
    if (failure !== undefined) throw new Error(`the collector broke off: ${failure}`);
    if (capture.size.points !== points) newestAt = clock.now();
    points = capture.size.points;
    if (capture.windows >= wanted && clock.now() - newestAt >= SETTLED_MS + spreadMs) break;
  }
  capture.close();
  signal.throwIfAborted();
}

/** Whole intervals of the time that was asked for; one at least. */
function wantedWindows({ seconds }: RecordMetrics, intervalSeconds: number): number {
  return Math.max(1, Math.floor(seconds / intervalSeconds));
}

function earlyEndOf({ full, windows }: ScrapeCapture, wanted: number): string | null {
  if (windows >= wanted) return null;
  return full ?? `only ${windows} of ${wanted} scrapes came in time`;
}

function headerOf(
  { taskId }: RecordMetrics,
  { clock, identity }: CaptureTools,
  { capture, intervalSeconds }: Captured,
): RecordingHeader {
  const { firstAt = 0, windows } = capture;
  return {
    schemaVersion: RECORDING_SCHEMA_VERSION,
    kind: 'captured',
    source: `task ${taskId} on host ${identity.host}`,
    tenant: identity.tenant,
    createdAt: clock.iso(),
    startedAt: new Date(firstAt - intervalSeconds * 1000).toISOString(),
    durationSeconds: windows * intervalSeconds,
    intervalSeconds,
    hosts: [identity.host],
    ...capture.size,
    windows,
  };
}

/** The parts lie in the outbox in their order, all before the result that makes something of them. */
async function send(
  { taskId }: RecordMetrics,
  content: Uint8Array,
  { clock, tell }: CaptureTools,
  signal: AbortSignal,
): Promise<number> {
  const parts = Math.ceil(content.length / RECORDING_PART_BYTES);
  for (let part = 0; part < parts; part++) {
    signal.throwIfAborted();
    const piece = content.subarray(part * RECORDING_PART_BYTES, (part + 1) * RECORDING_PART_BYTES);
    const data = Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('base64');
    await tell({ kind: 'recording-part', at: clock.iso(), taskId, part, data });
  }
  return parts;
}
