import { z } from 'zod';

/** A part of a list; `next` is absent on the last one. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

/** The text is no cursor of this list and order. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
  readonly code = 'bad-cursor';
}

/** After which row a page begins, by the value that the list is sorted by and the id. */
export type RowKey = readonly [value: string, id: string];

/**
 * Where the next page begins. `asOf`: the newest position when the list was begun. A list by a value that changes
 * gives the rows that have not changed since in their order, and then those that have.
 */
export interface Cursor {
  readonly part: 'unchanged' | 'changed';
  readonly asOf: number;
  readonly after: RowKey;
}

const cursorSchema = z.tuple([
  z.array(z.string()),
  z.enum(['unchanged', 'changed']),
  z.int().min(0),
  z.tuple([z.string(), z.string()]),
]);

/** An opaque text. `list` (filter and order) is kept in it, so that it cannot be used for another one. */
export function encodeCursor(list: readonly string[], { part, asOf, after }: Cursor): string {
  return Buffer.from(JSON.stringify([list, part, asOf, after])).toString('base64url');
}

/** @throws CursorError */
export function decodeCursor(cursor: string, list: readonly string[]): Cursor {
  const parsed = cursorSchema.safeParse(parse(Buffer.from(cursor, 'base64url').toString()));
  if (!parsed.success || JSON.stringify(parsed.data[0]) !== JSON.stringify(list))
    throw new CursorError('the cursor does not belong to this list and order');
  const [, part, asOf, after] = parsed.data;
  return { part, asOf, after };
}

/** The cursor of a list that is ordered by one whole number, which never changes. */
export function encodeNumberCursor(list: readonly string[], after: number): string {
  return encodeCursor(list, { part: 'unchanged', asOf: 0, after: [String(after), ''] });
}

/** The whole number in such a cursor. @throws CursorError */
export function decodeNumberCursor(cursor: string, list: readonly string[]): number {
  const [value] = decodeCursor(cursor, list).after;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new CursorError('the cursor names no place in the list');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
