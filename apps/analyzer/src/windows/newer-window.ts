/** One telling of a window; several may exist for one host and start. */
export type Telling = {
  readonly closedAt: number;
  readonly epoch: string;
  readonly n: number;
  readonly payload: Uint8Array;
};

/**
 * True when `incoming` replaces `known`: the later closed one counts, and of one outbox the later numbered one. Beyond
 * that only a misbehaving host can differ; epoch and bytes then decide. A total order, so that the order of arrival
 * never matters.
 */
export function isNewer(incoming: Telling, known: Telling): boolean {
  if (incoming.closedAt !== known.closedAt) return incoming.closedAt > known.closedAt;
  if (incoming.epoch !== known.epoch) return incoming.epoch > known.epoch;
  if (incoming.n !== known.n) return incoming.n > known.n;
  return Buffer.compare(incoming.payload, known.payload) > 0;
}
