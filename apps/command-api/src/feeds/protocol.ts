import { z } from 'zod';
import { aggregateIdSchema, type AggregateId } from '#lib/events';

/** What a client may follow. An id stands for one experiment. */
export type View =
  | { readonly kind: 'experiments' }
  | { readonly kind: 'fleet' }
  | { readonly kind: 'tasks' }
  | { readonly kind: 'experiment'; readonly id: AggregateId }
  | { readonly kind: 'kpis'; readonly id: AggregateId };

/** `experiments`, `fleet`, `tasks`, `experiment:<id>` or `kpis:<id>`; undefined for anything else. */
export function parseView(text: string): View | undefined {
  const [kind, id, ...rest] = text.split(':');
  if (id === undefined)
    return kind === 'experiments' || kind === 'fleet' || kind === 'tasks' ? { kind } : undefined;
  const parsed = aggregateIdSchema.safeParse(id);
  if (!parsed.success || rest.length > 0) return undefined;
  return kind === 'experiment' || kind === 'kpis' ? { kind, id: parsed.data } : undefined;
}

/** Largest message that a client may send, in bytes: a token with some room. */
export const MAX_CLIENT_MESSAGE = 8 * 1024;

export const clientMessageSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('authenticate'), token: z.string() }),
  z.strictObject({
    op: z.literal('subscribe'),
    view: z.string(),
    /** The last cursor that the client has seen of this view; without it the view starts with a snapshot. */
    cursor: z
      .string()
      .regex(/^\d{1,15}$/)
      .optional(),
  }),
  z.strictObject({ op: z.literal('unsubscribe'), view: z.string() }),
]);
export type ClientMessage = z.output<typeof clientMessageSchema>;

/** One row of a view. In a delta `row: null` means that it has left the view. */
export type Row = { readonly key: string; readonly row: unknown };

export type FeedErrorCode = 'unauthenticated' | 'invalid-message' | 'unknown-view' | 'too-many-subscriptions';

/**
 * What the server sends. A snapshot holds all rows of a view and replaces what the client had; a delta holds the
 * newest state of the rows that changed, so applying one twice changes nothing. `resync` says that a snapshot follows
 * although the client gave a cursor.
 */
export type ServerMessage =
  | { readonly op: 'ready'; readonly user: { readonly id: string; readonly role: string } }
  | {
      readonly op: 'snapshot' | 'delta';
      readonly view: string;
      readonly cursor: string;
      readonly rows: readonly Row[];
    }
  | { readonly op: 'resync'; readonly view: string; readonly reason: ResyncReason }
  | {
      readonly op: 'heartbeat';
      readonly at: string;
      readonly position: string | null;
      readonly lag: number | null;
    }
  | { readonly op: 'error'; readonly code: FeedErrorCode; readonly detail: string };

export type ResyncReason = 'too-far-behind' | 'unknown-cursor';

/** Serialised once, however many sockets it goes to. */
export function encode(message: ServerMessage): Buffer {
  return Buffer.from(JSON.stringify(message));
}
