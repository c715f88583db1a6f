import { Injectable } from '@nestjs/common';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId, TenantId } from '#lib/events';
import { CursorError, type ExperimentSort } from '#lib/database';
import { invalidCursor } from '../shared/http/edge-error.js';
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
  ) {}

  /** @throws ProblemError `invalid-cursor` */
  async list(tenant: TenantId, query: ListExperimentsDto): Promise<ExperimentPage> {
    const { phase, sort = '-createdAt', archived = false, limit = DEFAULT_LIMIT, cursor } = query;
    const page = this.experiments.list({
      tenant,
      includeArchived: archived,
      sort: sort.replace('-', '') as ExperimentSort,
      direction: sort.startsWith('-') ? 'desc' : 'asc',
      limit,
      ...(phase === undefined ? {} : { phases: phase }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return page.catch((error: unknown) => {
      if (error instanceof CursorError) throw invalidCursor();
      throw error;
    });
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
