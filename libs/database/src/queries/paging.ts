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

const cursorSchema = z.tuple([z.array(z.string()), z.tuple([z.string(), z.string()])]);

/** An opaque text for "after this row". `order` is kept in it, so that it cannot be used for another one. */
export function encodeCursor(order: readonly string[], row: readonly [value: string, id: string]): string {
  return Buffer.from(JSON.stringify([order, row])).toString('base64url');
}

/** @throws CursorError */
export function decodeCursor(cursor: string, order: readonly string[]): readonly [value: string, id: string] {
  const parsed = cursorSchema.safeParse(parse(Buffer.from(cursor, 'base64url').toString()));
  if (!parsed.success || parsed.data[0].join() !== order.join())
    throw new CursorError('the cursor does not belong to this list and order');
  return parsed.data[1];
}

/** The whole number in a cursor of a list that is ordered by one. @throws CursorError */
export function decodeNumberCursor(cursor: string, order: readonly string[]): number {
  const [value] = decodeCursor(cursor, order);
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
