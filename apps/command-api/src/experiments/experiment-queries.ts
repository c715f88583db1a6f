import { Injectable } from '@nestjs/common';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId, TenantId } from '#lib/events';
import type { ExperimentFilter, ExperimentSort } from '#lib/database';
import { CursorSeal } from '../shared/http/cursor-seal.js';
import { DEFAULT_LIMIT } from '../shared/http/page.dto.js';
import type { Experiment, ExperimentPage, History } from '../shared/views/experiment.view.js';
import { ExperimentsReader } from '../shared/views/experiments.reader.js';
import type { ExperimentHosts } from '../shared/views/host.view.js';
import { HostsReader } from '../shared/views/hosts.reader.js';
import type { ListExperimentsDto } from './list-experiments.dto.js';

/** What can be asked about experiments, figures apart. */
@Injectable()
export class ExperimentQueries {
  constructor(
    private readonly experiments: ExperimentsReader,
    private readonly hostsReader: HostsReader,
    private readonly seal: CursorSeal,
  ) {}

  /** @throws ProblemError `invalid-cursor` */
  list(tenant: TenantId, query: ListExperimentsDto): Promise<ExperimentPage> {
    const { sort = '-createdAt', limit = DEFAULT_LIMIT, cursor } = query;
    return this.seal.page(tenant, cursor, (from) =>
      this.experiments.list({
        tenant,
        ...filterOf(query),
        sort: sort.replace('-', '') as ExperimentSort,
        direction: sort.startsWith('-') ? 'desc' : 'asc',
        limit,
        ...(from === undefined ? {} : { cursor: from }),
      }),
    );
  }

  /** @throws DomainError `experiment-not-found` */
  async get(tenant: TenantId, id: AggregateId): Promise<Experiment> {
    const experiment = await this.experiments.get(tenant, id);
    if (experiment !== undefined) return experiment;
    throw new DomainError('experiment-not-found', 'There is no such experiment.', 'See GET /experiments.');
  }

  async hosts(tenant: TenantId, id: AggregateId): Promise<ExperimentHosts> {
    const { hosts } = await this.get(tenant, id);
    return { items: [...(await this.hostsReader.ofExperiment(tenant, id, hosts))] };
  }

  async history(tenant: TenantId, id: AggregateId): Promise<History> {
    await this.get(tenant, id);
    return { items: [...(await this.experiments.history(tenant, id))] };
  }
}

function filterOf({ phase, name, host, label, template, archived }: ListExperimentsDto): ExperimentFilter {
  return {
    ...(phase === undefined ? {} : { phases: phase }),
    ...(name === undefined ? {} : { search: name }),
    ...(host === undefined ? {} : { host }),
    ...(label === undefined ? {} : { labels: Object.fromEntries(label.map(pairOf)) }),
    ...(template === undefined ? {} : { template }),
    includeArchived: archived ?? false,
  };
}

function pairOf(text: string): readonly [key: string, value: string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}
