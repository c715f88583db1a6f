import { z } from 'zod';
import { parsePosition, type Position } from '#lib/events';

/** A point in the life of a tenant: after the commit at a position, or at a time (ms since the epoch). */
export type Moment =
  | { readonly kind: 'position'; readonly position: Position }
  | { readonly kind: 'time'; readonly time: number };

const timeSchema = z.iso.datetime({ offset: true });

/** Reads a position, such as 41, or an ISO 8601 time with its zone; undefined when the text is neither. */
export function parseMoment(text: string): Moment | undefined {
  const position = parsePosition(text);
  if (position !== undefined) return { kind: 'position', position };
  const time = timeSchema.safeParse(text);
  return time.success ? { kind: 'time', time: Date.parse(time.data) } : undefined;
}
