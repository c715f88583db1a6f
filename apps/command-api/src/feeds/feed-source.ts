import type { TenantId } from '#lib/events';
import type { Row, View } from './protocol.js';

/** One view of one tenant. */
export type Topic = { readonly tenant: TenantId; readonly view: View; readonly name: string };

/** Rows of a topic that are at least as new as the cursor. */
export type Rows = { readonly cursor: number; readonly rows: readonly Row[] };

/** Injection token of the source of all topics. */
export const FEED_SOURCE = Symbol('FEED_SOURCE');

/** Where a topic's rows come from. Cursors grow; 0 stands before the first change. */
export interface FeedSource {
  /** Newest cursor, 0 without changes. */
  head(topic: Topic): Promise<number>;
  /** All rows. */
  snapshot(topic: Topic): Promise<Rows>;
  /** The rows that changed after the cursor, or undefined when they are too many to send one by one. */
  changes(topic: Topic, after: number): Promise<Rows | undefined>;
}

/** The newest state of this many changed rows is sent as a delta; more of them cost less as a snapshot. */
export const MAX_DELTA_ROWS = 1000;
