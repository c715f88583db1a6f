import type { Nats } from '#lib/platform';

/** Sequence of the newest message that METRICS holds, as its leader knows it; 0 when it holds none. */
export async function metricsHead(nats: Pick<Nats, 'manager'>): Promise<number> {
  const { state } = await (await nats.manager()).streams.info('METRICS');
  // The last sequence outlives the messages: nobody can read up to one that has aged away.
  return state.messages === 0 ? 0 : state.last_seq;
}
