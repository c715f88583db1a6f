import type { DataSource } from 'typeorm';
import type { AggregateId, TenantId } from '#lib/events';
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
