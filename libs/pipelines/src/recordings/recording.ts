import { z } from 'zod';

/** The version of the format; a reader refuses those that it does not know. */
export const RECORDING_SCHEMA_VERSION = 1;

/** The most windows and hosts that a recording may name. */
export const MAX_WINDOWS = 3_600;
export const MAX_HOSTS = 1_000;

const moment = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/);
const count = z.int().min(0);

/** What a recording says of itself, readable without unpacking it. */
export const recordingHeaderSchema = z
  .strictObject({
    schemaVersion: z.literal(RECORDING_SCHEMA_VERSION),
    /** Captured on hosts, or made up from a seed. */
    kind: z.enum(['captured', 'generated']),
    /** Where it comes from, in words: a task, or the parameters that it was made from. */
    source: z.string().min(1).max(500),
    tenant: z.string().min(1).max(64),
    createdAt: moment,
    /** When its first window began. */
    startedAt: moment,
    durationSeconds: z.number().positive(),
    intervalSeconds: z.number().positive(),
    hosts: z.array(z.string().min(1).max(253)).min(1).max(MAX_HOSTS).readonly(),
    points: count,
    /** Distinct series as they were scraped, before any pipeline, each host for itself. */
    series: count,
    windows: z.int().min(0).max(MAX_WINDOWS),
  })
  .readonly();
export type RecordingHeader = z.infer<typeof recordingHeaderSchema>;

/** One scrape of one host, as an uncompressed OTLP metrics request. */
export type RecordedExport = { readonly host: string; readonly body: Uint8Array };

/** Everything that was scraped at one tick; `at` in ms since the epoch. */
export type RecordedWindow = { readonly at: number; readonly exports: readonly RecordedExport[] };

export type Recording = { readonly header: RecordingHeader; readonly windows: readonly RecordedWindow[] };

/**
 * - `not-a-recording`: other bytes altogether
 * - `unknown-version`: written by a newer Phoenix
 * - `damaged`: cut off, or changed since it was written
 * - `too-large`: it would unpack to more than a recording may be
 * - `not-mergeable`: the same host stands in both, or their ticks differ
 */
export type RecordingErrorCode =
  'not-a-recording' | 'unknown-version' | 'damaged' | 'too-large' | 'not-mergeable';

/** Bytes or recordings that cannot be used. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';

  constructor(
    readonly code: RecordingErrorCode,
    detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}
