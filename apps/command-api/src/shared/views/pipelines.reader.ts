import { Inject, Injectable } from '@nestjs/common';
import {
  DATA_SOURCE,
  experimentsOfPipeline,
  findPipeline,
  findPipelineVersion,
  generatedConfig,
  hostsMatching,
  listPipelines,
  newestOrders,
  pipelineVersions,
  type ExperimentView,
  type HostAttempt,
  type HostView,
  type PipelineVersionHead,
  type PipelineView,
} from '#lib/database';
import { contentHash } from '#lib/domain';
import type { AggregateId, ContentKind, HostId, TenantId } from '#lib/events';
import type { Database } from './database.js';
import type { GeneratedConfigView, Pipeline, PipelineVersion } from './pipeline.view.js';

/** Reads the catalogue of pipelines. */
@Injectable()
export class PipelinesReader {
  constructor(@Inject(DATA_SOURCE) private readonly db: Database) {}

  async list(tenant: TenantId): Promise<readonly Pipeline[]> {
    return (await listPipelines(this.db, tenant)).map(toPipeline);
  }

  async find(tenant: TenantId, id: AggregateId): Promise<Pipeline | undefined> {
    const row = await findPipeline(this.db, tenant, id);
    return row === null ? undefined : toPipeline(row);
  }

  /** Newest first, without the text of YAML; undefined when there is no such pipeline. */
  async versions(tenant: TenantId, id: AggregateId): Promise<readonly PipelineVersion[] | undefined> {
    if ((await findPipeline(this.db, tenant, id)) === null) return undefined;
    return (await pipelineVersions(this.db, tenant, id)).map(toVersion).reverse();
  }

  /** One version with everything that it says. */
  async version(tenant: TenantId, id: AggregateId, version: number): Promise<PipelineVersion | undefined> {
    const row = await findPipelineVersion(this.db, tenant, id, version);
    if (row === null) return undefined;
    return { ...toVersion(row), ...(row.yaml === null ? {} : { yaml: row.yaml }) };
  }

  /** One more than `limit` where there are more. */
  experiments(tenant: TenantId, id: AggregateId, limit: number): Promise<readonly ExperimentView[]> {
    return experimentsOfPipeline(this.db, tenant, id, limit);
  }

  /** Hosts of the given ids that are not revoked, and the newest order of each. */
  async fleet(
    tenant: TenantId,
    ids: readonly HostId[],
  ): Promise<{ readonly hosts: readonly HostView[]; readonly orders: readonly HostAttempt[] }> {
    const [hosts, orders] = await Promise.all([
      hostsMatching(this.db, tenant, { hosts: [...ids] }),
      newestOrders(this.db, tenant, ids),
    ]);
    return { hosts, orders };
  }

  async generatedConfig(tenant: TenantId, hash: string): Promise<GeneratedConfigView | undefined> {
    const row = await this.db.getRepository(generatedConfig).findOneBy({ tenant, hash });
    return row === null ? undefined : { hash, createdAt: row.createdAt, rendered: row.rendered };
  }
}

function toPipeline({ tenant: _tenant, position, ...row }: PipelineView): Pipeline {
  return { ...row, position: String(position) };
}

function toVersion(row: PipelineVersionHead): PipelineVersion {
  const { pipelineId, version, publishedAt, publishedBy } = row;
  const { kind, ...content } = contentIn(row);
  return { pipelineId, version, kind, ...content, contentHash: hashOf(row), publishedAt, publishedBy };
}

type Content = Pick<PipelineVersion, 'template' | 'parameters' | 'spec'> & { readonly kind: ContentKind };

function contentIn({ template, parameters, spec }: PipelineVersionHead): Content {
  if (template !== null) return { kind: 'template', template, parameters: parameters ?? {} };
  return spec === null ? { kind: 'yaml' } : { kind: 'spec', spec };
}

/** Versions from before there were hashes are templates. */
function hashOf({ contentHash: hash, template, parameters }: PipelineVersionHead): string {
  return hash ?? contentHash({ template: template ?? '', parameters: parameters ?? {} });
}
