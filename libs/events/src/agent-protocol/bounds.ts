import { z } from 'zod';

/** What a host may say is bounded here: each value fits the column and the subject that it ends up in. */

/** Largest value of an `integer` column. */
const INT32_MAX = 2_147_483_647;

/** A count or generation. */
export const boundedCount = z.int().nonnegative().max(INT32_MAX);

/** A number of an outbox, or bytes: whole, and below 2^53. */
export const boundedWhole = z.int().nonnegative();

/** A name or version that a host gives. */
export const boundedName = z.string().max(200);

/** More collectors do not run on one host, also while they are exchanged. */
export const MAX_COLLECTORS = 16;

/** A time that a host tells; years that no database or calendar agrees on are none. */
export const hostTime = z.iso.datetime().refine((text) => /^[1-9]/.test(text), 'use a year after 1000');

/** Names an outbox: what an agent makes has 16 characters. */
export const EPOCH_PATTERN = /^[\w-]{1,64}$/;

/** A heartbeat or hello of an honest host has some hundred bytes for each collector. */
export const MAX_LIFE_SIGN_BYTES = 32 * 1024;

/**
 * JSON as a host sent it, with text that PostgreSQL can keep: no NUL, no half of a surrogate pair. Undefined when it is
 * no JSON, or nested so deeply that nobody can follow.
 */
export function readHostJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data), storable);
  } catch {
    return undefined;
  }
}

function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : value;
}
