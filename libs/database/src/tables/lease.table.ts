import { bigint, key, optional, text, time } from '../schema/column.js';
import { table, type RowsOf } from '../schema/table.js';

/** What gateways share among them, each part with one holder at a time: `epoch` grows with every change of hands. */
export const gatewayLease = table({
  name: 'gateway_lease',
  writer: 'agent-gateway',
  columns: {
    name: key(text()),
    owner: optional(text()),
    epoch: bigint(),
    leaseUntil: optional(time()),
  },
});
export type GatewayLeaseRow = RowsOf<typeof gatewayLease>;

/** Gateways that run, so that each knows how many there are to share with. */
export const gatewayMember = table({
  name: 'gateway_member',
  writer: 'agent-gateway',
  columns: { owner: key(text()), seenUntil: time() },
});
export type GatewayMemberRow = RowsOf<typeof gatewayMember>;
