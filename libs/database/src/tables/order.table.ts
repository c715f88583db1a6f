import type { AggregateId, HostId, RunningCollector, TenantId } from '#lib/events';
import type { Attempt } from '#lib/agent-protocol';
import { integer, json, key, optional, text, time, verbatimJson } from '../schema/column.js';
import { table, type RowsOf } from '../schema/table.js';

/** The attempt ledger: every stage of every order on every host. The key makes a repeated report one row. */
export const hostAttempt = table({
  name: 'host_attempt',
  writer: 'agent-gateway',
  columns: {
    tenant: key(text<TenantId>()),
    host: key(text<HostId>()),
    generation: key(integer()),
    taskId: key(text()),
    stage: key(text<Attempt['stage']>()),
    at: key(time()),
    reason: optional(text()),
    collectors: json<readonly RunningCollector[]>(),
    experimentId: optional(text<AggregateId>()),
    /** When the agent noticed what made it fail or fall back; `at` is when that was in force. */
    detectedAt: optional(time()),
  },
  indices: [['tenant', 'experimentId']],
});
export type HostAttempt = RowsOf<typeof hostAttempt>;

/** Rendered collector configurations by their hash; written once. */
export const generatedConfig = table({
  name: 'generated_config',
  writer: 'agent-gateway',
  columns: {
    tenant: key(text<TenantId>()),
    hash: key(text()),
    rendered: verbatimJson<unknown>(),
    createdAt: time(),
  },
});
export type GeneratedConfig = RowsOf<typeof generatedConfig>;
