import { Injectable } from '@nestjs/common';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId, TenantId } from '#lib/events';
import { refusal } from '../shared/http/edge-error.js';
import type { GeneratedConfigView, Pipeline, PipelineVersion } from '../shared/views/pipeline.view.js';
import { PipelinesReader } from '../shared/views/pipelines.reader.js';

/** What can be asked about the catalogue. */
@Injectable()
export class PipelineQueries {
  constructor(private readonly pipelines: PipelinesReader) {}

  async list(tenant: TenantId): Promise<{ readonly items: readonly Pipeline[] }> {
    return { items: await this.pipelines.list(tenant) };
  }

  /** @throws DomainError `pipeline-not-found` */
  async versions(tenant: TenantId, id: AggregateId): Promise<{ readonly items: readonly PipelineVersion[] }> {
    const items = await this.pipelines.versions(tenant, id);
    if (items !== undefined) return { items };
    throw new DomainError('pipeline-not-found', 'There is no such pipeline.', 'See GET /pipelines.');
  }

  /** @throws ProblemError `config-not-found` */
  async config(tenant: TenantId, hash: string): Promise<GeneratedConfigView> {
    const found = await this.pipelines.generatedConfig(tenant, hash);
    if (found !== undefined) return found;
    throw refusal('config-not-found', 'No configuration with this hash was ever sent to a host.');
  }
}
