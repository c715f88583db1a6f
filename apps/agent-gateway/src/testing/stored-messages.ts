import type { StoredMessage } from '#lib/platform';
import { tenant, type GatewayHouse } from './gateway-house.js';

/** All that a stream keeps of one host, in the order in which it was stored. */
export async function messagesOf(
  { services }: GatewayHouse,
  stream: 'UPLINK' | 'METRICS',
  host: string,
): Promise<readonly StoredMessage[]> {
  const { streams } = await services.manager();
  const { state } = await streams.info(stream);
  const all: StoredMessage[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq && seq > 0; seq++) {
    const message = await streams.getMessage(stream, { seq });
    if (message === null || !message.subject.includes(`.${tenant}.${host}`)) continue;
    const header = (name: string) => message.header.get(name);
    all.push({ subject: message.subject, sequence: message.seq, data: message.data, header });
  }
  return all;
}
