import { z } from 'zod';
import { hostTime } from './bounds.js';
import { taskIdSchema } from './tasks.js';

/** The largest recording that a host may send, packed. */
export const MAX_CAPTURED_BYTES = 8 * 1024 * 1024;

/** What one part holds: as base64 with all round it, it stays below the largest message of the lane `results`. */
export const RECORDING_PART_BYTES = 88 * 1024;
export const MAX_RECORDING_PARTS = Math.ceil(MAX_CAPTURED_BYTES / RECORDING_PART_BYTES);

/**
 * A piece of the recording that a `RecordMetrics` made, told on the lane `results` before the task's result. Pieces
 * mean nothing by themselves: only the result says whether there is a recording, and how it must hash.
 */
export const recordingPartSchema = z.object({
  kind: z.literal('recording-part'),
  at: hostTime,
  taskId: taskIdSchema,
  /** From 0. All but the last hold `RECORDING_PART_BYTES`. */
  part: z
    .int()
    .min(0)
    .max(MAX_RECORDING_PARTS - 1),
  /** In base64. */
  data: z
    .string()
    .min(4)
    .max(Math.ceil(RECORDING_PART_BYTES / 3) * 4)
    .regex(/^[A-Za-z0-9+/]*={0,2}$/, 'use base64'),
});
export type RecordingPart = Readonly<z.output<typeof recordingPartSchema>>;

const count = z.int().nonnegative();

/** The detail of a `RecordMetrics` that is done, as JSON. */
export const recordingReportSchema = z.object({
  kind: z.literal('recording'),
  windows: count,
  intervalSeconds: z.number().positive(),
  points: count,
  series: count,
  /** As it was sent, packed. */
  bytes: z.int().positive().max(MAX_CAPTURED_BYTES),
  parts: z.int().positive().max(MAX_RECORDING_PARTS),
  /** Of its bytes, in hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Why it is shorter than was asked for; null where it is not. */
  endedEarly: z.string().max(500).nullable(),
  /** Under which it is kept; null until the gateway has put it there. */
  recording: z.string().max(100).nullable(),
});
export type RecordingReport = Readonly<z.output<typeof recordingReportSchema>>;

/** Reads the detail of a result; undefined when it is no report. */
export function readRecordingReport(detail: string): RecordingReport | undefined {
  try {
    return recordingReportSchema.safeParse(JSON.parse(detail)).data;
  } catch {
    return undefined;
  }
}
