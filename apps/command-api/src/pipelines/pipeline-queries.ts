import { Injectable } from '@nestjs/common';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId, HostId, PipelineContent, TenantId } from '#lib/events';
import { refusal } from '../shared/http/edge-error.js';
import { HostsReader } from '../shared/views/hosts.reader.js';
import type {
  GeneratedConfigView,
  Pipeline,
  PipelineDiff,
  PipelineVersion,
} from '../shared/views/pipeline.view.js';
import { PipelinesReader } from '../shared/views/pipelines.reader.js';
import type { DiffPipelineDto } from './diff/diff.dto.js';
import { pipelineDiff } from './diff/pipeline-diff.js';

/** What can be asked about the catalogue. */
@Injectable()
export class PipelineQueries {
  constructor(
    private readonly pipelines: PipelinesReader,
    private readonly hosts: HostsReader,
  ) {}

  async list(tenant: TenantId): Promise<{ readonly items: readonly Pipeline[] }> {
    return { items: await this.pipelines.list(tenant) };
  }

  /** @throws DomainError `pipeline-not-found` */
  async get(tenant: TenantId, id: AggregateId): Promise<Pipeline> {
    const found = await this.pipelines.find(tenant, id);
    if (found !== undefined) return found;
    throw notFound();
  }

  /** @throws DomainError `pipeline-not-found` @throws ProblemError `pipeline-version-not-found` */
  async version(tenant: TenantId, id: AggregateId, version: number): Promise<PipelineVersion> {
    const found = await this.pipelines.version(tenant, id, version);
    if (found !== undefined) return found;
    await this.get(tenant, id);
    const hint = 'See GET /pipelines/{id}/versions.';
    throw refusal('pipeline-version-not-found', `Pipeline ${id} has no version ${version}.`, hint);
  }

  /** @throws DomainError `pipeline-not-found` */
  async versions(tenant: TenantId, id: AggregateId): Promise<{ readonly items: readonly PipelineVersion[] }> {
    const items = await this.pipelines.versions(tenant, id);
    if (items !== undefined) return { items };
    throw notFound();
  }

  /** @throws DomainError `pipeline-not-found`, `host-not-found` @throws ProblemError `pipeline-version-not-found` */
  async diff(tenant: TenantId, id: AggregateId, { from, to, host }: DiffPipelineDto): Promise<PipelineDiff> {
    const [before, after] = await Promise.all([this.version(tenant, id, from), this.version(tenant, id, to)]);
    const both = { from: withContent(before), to: withContent(after) };
    if (host === undefined) return pipelineDiff(both);
    const [found] = await this.hosts.hosts(tenant, [host]);
    if (found !== undefined) return pipelineDiff(both, { id: found.id as HostId, labels: found.labels });
    throw new DomainError('host-not-found', 'There is no such host.', 'See GET /fleet/hosts.');
  }

  /** @throws ProblemError `config-not-found` */
  async config(tenant: TenantId, hash: string): Promise<GeneratedConfigView> {
    const found = await this.pipelines.generatedConfig(tenant, hash);
    if (found !== undefined) return found;
    throw refusal('config-not-found', 'No configuration with this hash was ever sent to a host.');
  }
}

function notFound(): Error {
  return new DomainError('pipeline-not-found', 'There is no such pipeline.', 'See GET /pipelines.');
}

function withContent(version: PipelineVersion): PipelineVersion & { readonly content: PipelineContent } {
  const { template, parameters = {}, spec, yaml = '' } = version;
  if (template !== undefined) return { ...version, content: { template, parameters } };
  return { ...version, content: spec === undefined ? { yaml } : { spec } };
}
