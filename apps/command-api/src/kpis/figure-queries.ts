import { Injectable } from '@nestjs/common';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId, TenantId, Variant, Verdict } from '#lib/events';
import { formulaOver, seriesMeasureFor, type SeriesMeasure } from '#lib/metering';
import { refusal } from '../shared/http/edge-error.js';
import { judgedBlocks, usableBlocks } from '../shared/views/blocks.js';
import type { Breakdown } from '../shared/views/breakdown.view.js';
import type { Experiment } from '../shared/views/experiment.view.js';
import { ExperimentsReader } from '../shared/views/experiments.reader.js';
import { HostsReader } from '../shared/views/hosts.reader.js';
import type { CostAnalysis, Kpis } from '../shared/views/kpi.view.js';
import { KpisReader, type MeasuredExperiment } from '../shared/views/kpis.reader.js';
import { monthlyCosts } from '../shared/views/monthly-costs.js';
import { DEFAULT_ROWS, type BreakdownDto } from './breakdown.dto.js';
import { breakdownOf } from './breakdown.js';

/** What can be asked about the figures of an experiment. */
@Injectable()
export class FigureQueries {
  constructor(
    private readonly experiments: ExperimentsReader,
    private readonly hosts: HostsReader,
    private readonly reader: KpisReader,
  ) {}

  /** @throws DomainError `experiment-not-found` */
  async kpis(tenant: TenantId, id: AggregateId): Promise<Kpis> {
    const kpis = await this.reader.kpis(tenant, id);
    if (kpis === undefined) throw notFound();
    return kpis;
  }

  /** @throws DomainError `experiment-not-found`, ProblemError `verdict-not-given` */
  async verdict(tenant: TenantId, id: AggregateId): Promise<Verdict> {
    const { verdict, phase } = await this.experiment(tenant, id);
    if (verdict !== null) return verdict;
    throw refusal('verdict-not-given', `The experiment is ${phase} and has no verdict yet.`);
  }

  async cost(tenant: TenantId, id: AggregateId): Promise<CostAnalysis> {
    const [kpis, counts] = await Promise.all([this.kpis(tenant, id), this.hosts.countByStatus(tenant)]);
    const { enrolled = 0, online = 0, offline = 0 } = counts;
    const fleet = enrolled + online + offline;
    const [baseline, candidate] = [trafficOf(kpis, 'baseline'), trafficOf(kpis, 'candidate')];
    const projected = [...monthlyCosts(baseline, candidate, { measured: kpis.hosts, priced: fleet })];
    return { experiment: id, hosts: kpis.hosts, measured: kpis.cost, fleet: { hosts: fleet, projected } };
  }

  /** @throws DomainError `experiment-not-found` */
  async breakdown(
    tenant: TenantId,
    id: AggregateId,
    { by, label, limit = DEFAULT_ROWS }: BreakdownDto,
  ): Promise<Breakdown> {
    const measured = await this.reader.measured(tenant, id);
    if (measured === undefined) throw notFound();
    const measure = seriesMeasureFor(measured.spec.schedule.maximumSeconds);
    const dimension =
      by === 'host-group'
        ? {
            by,
            ...(await this.hostGroups(tenant, measured, label ?? '')),
            formulaVersion: activeSeries(measure),
          }
        : { by };
    const blocks = usableBlocks(judgedBlocks(measured.blocks, measure));
    return { experiment: id, ...breakdownOf(blocks, dimension, limit) };
  }

  private async hostGroups(tenant: TenantId, { blocks }: MeasuredExperiment, label: string) {
    const hosts = await this.hosts.hosts(tenant, [...new Set(blocks.map(({ host }) => host))]);
    const groups = new Map(
      hosts.flatMap(({ id, labels }) => (Object.hasOwn(labels, label) ? [[id, labels[label]]] : [])),
    );
    return { label, groupOf: (host: string) => groups.get(host) };
  }

  private async experiment(tenant: TenantId, id: AggregateId): Promise<Experiment> {
    const experiment = await this.experiments.get(tenant, id);
    if (experiment === undefined) throw notFound();
    return experiment;
  }
}

function activeSeries(measure: SeriesMeasure): string {
  return formulaOver('active-series-block-mean/1', measure);
}

function notFound(): DomainError {
  return new DomainError('experiment-not-found', 'There is no such experiment.', 'See GET /experiments.');
}

function trafficOf({ series, pointsPerMinute }: Kpis, variant: Variant) {
  return { activeSeries: series[variant], pointsPerMinute: pointsPerMinute[variant] };
}
