import type { HostId, TenantId } from '#lib/events';
import { bigint, key, text, time } from '../schema/column.js';
import { table, type RowsOf } from '../schema/table.js';

/** Highest number taken from each outbox: what is at or below it has been handled. */
export const uplinkCursor = table({
  name: 'uplink_cursor',
  writer: 'agent-gateway',
  columns: {
    tenant: key(text<TenantId>()),
    host: key(text<HostId>()),
    lane: key(text<'results' | 'metrics'>()),
    epoch: key(text()),
    n: bigint(),
    updatedAt: time(),
  },
});
export type UplinkCursor = RowsOf<typeof uplinkCursor>;

/** Sequence up to which a reader has handled its stream (UPLINK, TASKS); moves in the transaction of what it covers. */
export const uplinkPosition = table({
  name: 'uplink_position',
  writer: 'agent-gateway',
  columns: { reader: key(text()), sequence: bigint(), updatedAt: time() },
});
/** Reader of TASKS. */
export const TASKS_READER = 'tasks';
export type UplinkPosition = RowsOf<typeof uplinkPosition>;

/** Messages that an agent dropped because its disk budget was full, as it reported them itself. */
export const outboxGap = table({
  name: 'outbox_gap',
  writer: 'agent-gateway',
  columns: {
    tenant: key(text<TenantId>()),
    host: key(text<HostId>()),
    epoch: key(text()),
    fromN: key(bigint()),
    toN: bigint(),
    at: time(),
  },
});
export type OutboxGapRow = RowsOf<typeof outboxGap>;
