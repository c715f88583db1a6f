import { Injectable } from '@nestjs/common';
import type { AggregateId, HostId, TenantId } from '#lib/events';
import type { PipelineUsage } from '../../shared/views/pipeline.view.js';
import { PipelinesReader } from '../../shared/views/pipelines.reader.js';
import { experimentUses, hostUses } from './pipeline-usage.js';

const MOST_EXPERIMENTS = 200;
/** Each has to be rendered for, about a millisecond. */
const MOST_HOSTS = 1_000;

/** Who uses a pipeline, from the read models alone. */
@Injectable()
export class UsageQueries {
  constructor(private readonly pipelines: PipelinesReader) {}

  async usage(tenant: TenantId, pipelineId: AggregateId): Promise<PipelineUsage> {
    const found = await this.pipelines.experiments(tenant, pipelineId, MOST_EXPERIMENTS);
    const experiments = found.slice(0, MOST_EXPERIMENTS);
    const ids = [...new Set(experiments.flatMap(({ hosts }) => hosts))];
    const looked = ids.slice(0, MOST_HOSTS);
    const fleet = await this.fleet(tenant, looked);
    return {
      pipelineId,
      experiments: experimentUses(experiments, pipelineId),
      hosts: [...hostUses(experiments, pipelineId, fleet)],
      leftOut: { experiments: found.length > MOST_EXPERIMENTS, hosts: ids.length > looked.length },
    };
  }

  private async fleet(tenant: TenantId, ids: readonly HostId[]) {
    const { hosts, orders } = await this.pipelines.fleet(tenant, ids);
    return {
      hosts: new Map(hosts.map((host) => [host.id, host])),
      orders: new Map(orders.map((order) => [order.host, order])),
    };
  }
}
