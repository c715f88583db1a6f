import { Inject, Injectable } from '@nestjs/common';
import {
  DATA_SOURCE,
  findPipeline,
  generatedConfig,
  listPipelines,
  pipelineVersions,
  type PipelineView,
} from '#lib/database';
import type { AggregateId, TenantId } from '#lib/events';
import type { Database } from './database.js';
import type { GeneratedConfigView, Pipeline, PipelineVersion } from './pipeline.view.js';

/** Reads the catalogue of pipelines. */
@Injectable()
export class PipelinesReader {
  constructor(@Inject(DATA_SOURCE) private readonly db: Database) {}

  async list(tenant: TenantId): Promise<readonly Pipeline[]> {
    return (await listPipelines(this.db, tenant)).map(toPipeline);
  }

  /** Newest first; undefined when there is no such pipeline. */
  async versions(tenant: TenantId, id: AggregateId): Promise<readonly PipelineVersion[] | undefined> {
    if ((await findPipeline(this.db, tenant, id)) === null) return undefined;
    const rows = await pipelineVersions(this.db, tenant, id);
    return rows.map(({ tenant: _tenant, position: _position, ...version }) => version).reverse();
  }

  async generatedConfig(tenant: TenantId, hash: string): Promise<GeneratedConfigView | undefined> {
    const row = await this.db.getRepository(generatedConfig).findOneBy({ tenant, hash });
    return row === null ? undefined : { hash, createdAt: row.createdAt, rendered: row.rendered };
  }
}

function toPipeline({ tenant: _tenant, position, ...row }: PipelineView): Pipeline {
  return { ...row, position: String(position) };
}
