import { MoreThan, type DataSource } from 'typeorm';
import type { AggregateId, TenantId } from '#lib/events';
import { kpiBlock, kpiChange, type KpiBlock, type KpiChange } from '../tables/metric.table.js';

/** All blocks of an experiment, in canonical order: by start, then host. */
export function kpiBlocks(
  source: DataSource,
  tenant: TenantId,
  experimentId: AggregateId,
): Promise<readonly KpiBlock[]> {
  return source
    .getRepository(kpiBlock)
    .find({ where: { tenant, experimentId }, order: { start: 'ASC', host: 'ASC' } });
}

/** The newest block of each host of an experiment, by host. */
export function latestKpiBlocks(
  source: DataSource,
  tenant: TenantId,
  experimentId: AggregateId,
): Promise<readonly KpiBlock[]> {
  return source
    .getRepository(kpiBlock)
    .createQueryBuilder('b')
    .distinctOn(['b.host'])
    .where('b.tenant = :tenant AND b.experimentId = :experimentId', { tenant, experimentId })
    .orderBy('b.host', 'ASC')
    .addOrderBy('b.start', 'DESC')
    .getMany();
}

/** KPI changes of an experiment after a cursor, oldest first. */
export function kpiChangesAfter(
  source: DataSource,
  of: { readonly tenant: TenantId; readonly experimentId: AggregateId },
  cursor: number,
  limit: number,
): Promise<readonly KpiChange[]> {
  return source
    .getRepository(kpiChange)
    .find({ where: { ...of, id: MoreThan(cursor) }, order: { id: 'ASC' }, take: limit });
}
