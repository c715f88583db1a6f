import type { DataSource } from 'typeorm';
import type { Attempt } from '#lib/agent-protocol';
import type { AggregateId, HostId, TenantId } from '#lib/events';
import { generatedConfig, hostAttempt } from '../tables/order.table.js';
import { upsert } from '../sql/upsert.js';
import { sqlOf } from '../sql/sql.js';

/** Rendered configurations and the attempt ledger, as the gateway writes them. */
export class OrderStore {
  constructor(private readonly source: DataSource) {}

  /** Keeps each configuration under its hash; what is there already stays as it is. */
  saveConfigs(tenant: TenantId, configs: readonly { readonly hash: string }[], at: string): Promise<void> {
    const unique = [...new Map(configs.map((config) => [config.hash, config])).values()];
    const rows = unique.map((rendered) => ({ tenant, hash: rendered.hash, rendered, createdAt: at }));
    return upsert(sqlOf(this.source.manager), generatedConfig, rows, { existing: 'keep' });
  }

  /** Adds one stage to the ledger. */
  recordOffered(
    where: { readonly tenant: TenantId; readonly host: HostId; readonly experimentId: string | null },
    attempt: Attempt,
  ): Promise<void> {
    return upsert(sqlOf(this.source.manager), hostAttempt, [attemptRow(where, attempt)], {
      existing: 'keep',
    });
  }
}

/** The ledger row of one stage. */
export function attemptRow(
  where: { readonly tenant: TenantId; readonly host: HostId; readonly experimentId: string | null },
  { generation, taskId, stage, at, reason, collectors, detectedAt }: Attempt,
) {
  return {
    tenant: where.tenant,
    host: where.host,
    generation,
    taskId,
    stage,
    at,
    reason: reason ?? null,
    collectors,
    experimentId: where.experimentId as AggregateId | null,
    detectedAt: detectedAt ?? null,
  };
}
