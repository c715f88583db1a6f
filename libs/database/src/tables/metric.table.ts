import type { AggregateId, HostId, TenantId } from '#lib/events';
import { bigint, bytes, integer, json, key, optional, serial, text, time } from '../schema/column.js';
import { table, type RowsOf } from '../schema/table.js';

/** Last sequence of METRICS that the analyzer has taken, by shard. */
export const metricCursor = table({
  name: 'metric_cursor',
  writer: 'analyzer',
  columns: { shard: key(integer()), seq: bigint(), updatedAt: time() },
});
export type MetricCursor = RowsOf<typeof metricCursor>;

/** One window of one host, both variants in `payload` (window codec of libs/metering). A replay replaces it. */
export const metricWindow = table({
  name: 'metric_window',
  writer: 'analyzer',
  columns: {
    tenant: key(text<TenantId>()),
    host: key(text<HostId>()),
    start: key(time()),
    experimentId: optional(text<AggregateId>()),
    payload: bytes(),
    epoch: text(),
    n: bigint(),
    receivedAt: time(),
  },
  indices: [['tenant', 'experimentId', 'start']],
});
export type MetricWindow = RowsOf<typeof metricWindow>;

/** A hole in the numbering of a host's windows: recorded, never filled with invented figures. */
export const metricGap = table({
  name: 'metric_gap',
  writer: 'analyzer',
  columns: {
    tenant: key(text<TenantId>()),
    host: key(text<HostId>()),
    epoch: key(text()),
    fromN: key(bigint()),
    toN: bigint(),
    at: time(),
    reason: text(),
  },
});
export type MetricGap = RowsOf<typeof metricGap>;

/** Canonical blocks of an experiment, per host: the evidence of its verdict. `block` is the analyzer's to read. */
export const kpiBlock = table({
  name: 'kpi_block',
  writer: 'analyzer',
  columns: {
    tenant: key(text<TenantId>()),
    experimentId: key(text<AggregateId>()),
    host: key(text<HostId>()),
    start: key(time()),
    seconds: integer(),
    block: json<unknown>(),
    updatedAt: time(),
  },
});
export type KpiBlock = RowsOf<typeof kpiBlock>;

/** An experiment's blocks changed: the cursor of the KPI feeds. */
export const kpiChange = table({
  name: 'kpi_change',
  writer: 'analyzer',
  columns: {
    id: serial(),
    tenant: text<TenantId>(),
    experimentId: text<AggregateId>(),
    at: time(),
  },
  indices: [['tenant', 'experimentId', 'id']],
});
export type KpiChange = RowsOf<typeof kpiChange>;
