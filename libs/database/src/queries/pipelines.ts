import type { DataSource } from 'typeorm';
import type { AggregateId, HostId, TenantId } from '#lib/events';
import { experimentView, type ExperimentView } from '../tables/experiment.table.js';
import { hostAttempt, type HostAttempt } from '../tables/order.table.js';
import {
  pipelineVersionView,
  pipelineView,
  type PipelineVersionView,
  type PipelineView,
} from '../tables/pipeline.table.js';

/** All pipelines of a tenant by name. */
export function listPipelines(source: DataSource, tenant: TenantId): Promise<readonly PipelineView[]> {
  return source.getRepository(pipelineView).find({ where: { tenant }, order: { name: 'ASC', id: 'ASC' } });
}

/** One pipeline, or null. */
export function findPipeline(
  source: DataSource,
  tenant: TenantId,
  id: AggregateId,
): Promise<PipelineView | null> {
  return source.getRepository(pipelineView).findOneBy({ tenant, id });
}

/** A version without the text of an imported configuration, of which a list may hold many. */
export type PipelineVersionHead = Omit<PipelineVersionView, 'yaml'>;

/** The versions of a pipeline, oldest first. */
export function pipelineVersions(
  source: DataSource,
  tenant: TenantId,
  pipelineId: AggregateId,
): Promise<readonly PipelineVersionHead[]> {
  return source.getRepository(pipelineVersionView).find({
    select: heads,
    where: { tenant, pipelineId },
    order: { version: 'ASC' },
  });
}

const heads = {
  ...{ tenant: true, pipelineId: true, version: true, position: true, contentHash: true },
  ...{ template: true, parameters: true, spec: true, publishedAt: true, publishedBy: true },
} as const satisfies Record<keyof PipelineVersionHead, true>;

/** One version, or null. */
export function findPipelineVersion(
  source: DataSource,
  tenant: TenantId,
  pipelineId: AggregateId,
  version: number,
): Promise<PipelineVersionView | null> {
  return source.getRepository(pipelineVersionView).findOneBy({ tenant, pipelineId, version });
}

/** Experiments one of whose variants is a version of the pipeline, newest first; one more than `limit` where there are more. */
export function experimentsOfPipeline(
  source: DataSource,
  tenant: TenantId,
  pipelineId: AggregateId,
  limit: number,
): Promise<readonly ExperimentView[]> {
  return source
    .getRepository(experimentView)
    .createQueryBuilder('e')
    .where('e.tenant = :tenant', { tenant })
    .andWhere(`:pipelineId IN (e.spec->'baseline'->>'pipelineId', e.spec->'candidate'->>'pipelineId')`, {
      pipelineId,
    })
    .orderBy('e.created_at', 'DESC')
    .addOrderBy('e.id', 'DESC')
    .limit(limit + 1)
    .getMany();
}

/** The newest order that was offered to each of the hosts, where there is one. */
export function newestOrders(
  source: DataSource,
  tenant: TenantId,
  hosts: readonly HostId[],
): Promise<readonly HostAttempt[]> {
  return source
    .getRepository(hostAttempt)
    .createQueryBuilder('a')
    .distinctOn(['a.host'])
    .where('a.tenant = :tenant', { tenant })
    .andWhere('a.host = ANY(:hosts)', { hosts })
    .andWhere(`a.stage = 'offered'`)
    .orderBy('a.host', 'ASC')
    .addOrderBy('a.generation', 'DESC')
    .addOrderBy('a.at', 'DESC')
    .getMany();
}
