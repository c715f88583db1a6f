import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const natsDoor = z.object({
  kind: z.literal('nats'),
  name: z.string(),
  url: z.string(),
  user: z.string().optional(),
  password: z.string().optional(),
  creds: z.string().optional(),
});
const httpDoor = z.object({
  kind: z.literal('http'),
  name: z.string(),
  url: z.string(),
  credential: z.string(),
});
const door = z.discriminatedUnion('kind', [natsDoor, httpDoor]);
export type DoorSettings = Readonly<z.output<typeof door>>;

const settingsSchema = z.object({
  tenant: z.string(),
  host: z.string(),
  /** Outbox and journal; a wiped disk is this folder removed. */
  folder: z.string(),
  /** Outlives the folder: it is what the host is held against. */
  diary: z.string(),
  /** While this file is there, the host has nothing to say by itself. */
  quietFile: z.string(),
  /** While this file is there, effects begin and do not end. */
  holdFile: z.string(),
  doors: z.tuple([door], door),
  metricsCapBytes: z.int().positive(),
  segmentBytes: z.int().positive(),
  metricsEveryMs: z.int().positive(),
  resultsEveryMs: z.int().positive(),
  /** How long the effect of a task takes. */
  effectMs: z.int().nonnegative(),
});
export type RecordedSettings = Readonly<z.output<typeof settingsSchema>>;

export async function readSettings(path: string): Promise<RecordedSettings> {
  return settingsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** What a host may die of: a step, before or after it, at its n-th occurrence in this life. */
export const crashSchema = z.object({
  step: z.enum(['journal', 'append', 'cursor', 'effect']),
  when: z.enum(['before', 'after']),
  n: z.int().positive(),
});
export type Crash = Readonly<z.output<typeof crashSchema>>;
export type CrashStep = Crash['step'];
