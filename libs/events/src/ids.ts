import { z } from 'zod';

declare const brand: unique symbol;
/** A string that may only be used where its kind is asked for. */
export type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Ids travel in NATS subjects: lower case, no dots, no wildcards, at most 64 characters. */
const ID_PATTERN = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const idSchema = <Name extends string>() =>
  z
    .string()
    .regex(ID_PATTERN, 'use 1 to 64 of a-z, 0-9, _ and -, starting with a letter or digit')
    .transform((value) => value as Branded<string, Name>);

export const tenantIdSchema = idSchema<'TenantId'>();
export type TenantId = z.output<typeof tenantIdSchema>;

export const aggregateIdSchema = idSchema<'AggregateId'>();
export type AggregateId = z.output<typeof aggregateIdSchema>;

export const hostIdSchema = idSchema<'HostId'>();
export type HostId = z.output<typeof hostIdSchema>;

export const commandIdSchema = idSchema<'CommandId'>();
export type CommandId = z.output<typeof commandIdSchema>;

/**
 * Sequence of a commit in the EVENTS stream. JetStream counts from 1, so 0 means "nothing stored yet".
 * Stream sequences stay far below 2^53; on the wire a position is a decimal string.
 */
export type Position = Branded<number, 'Position'>;
export const NO_POSITION = 0 as Position;

/** Turns a stream sequence into a position. @throws RangeError when it is no non-negative safe integer. */
export function position(sequence: number): Position {
  if (!Number.isSafeInteger(sequence) || sequence < 0)
    throw new RangeError(`not a stream position: ${sequence}`);
  return sequence as Position;
}

/** Parses the decimal string form of a position; undefined when it is not one. */
export function parsePosition(text: string): Position | undefined {
  return /^\d{1,15}$/.test(text) ? position(Number(text)) : undefined;
}

/** True when the text can stand in a subject as an id. */
export function isId(text: string): boolean {
  return ID_PATTERN.test(text);
}
