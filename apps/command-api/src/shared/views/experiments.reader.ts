import { Inject, Injectable } from '@nestjs/common';
import {
  DATA_SOURCE,
  experimentHistoryOf,
  experimentView,
  findExperiment,
  listExperiments,
  type ExperimentHistoryEntry,
  type ExperimentListQuery,
  type ExperimentView,
} from '#lib/database';
import type { AggregateId, PipelineRef, TenantId } from '#lib/events';
import type { Database } from './database.js';
import type { Experiment, ExperimentPage, ExperimentSummary, HistoryEntry } from './experiment.view.js';

/** Reads experiments as answers and feeds show them. */
@Injectable()
export class ExperimentsReader {
  constructor(@Inject(DATA_SOURCE) private readonly db: Database) {}

  /** @throws CursorError */
  async list(query: ExperimentListQuery): Promise<ExperimentPage> {
    const { items, next = null } = await listExperiments(this.db, query);
    return { items: items.map(toSummary), next };
  }

  /** All that are not archived, or those of the given ids that are not. */
  async summaries(tenant: TenantId, ids?: readonly string[]): Promise<readonly ExperimentSummary[]> {
    const select = this.db
      .getRepository(experimentView)
      .createQueryBuilder('e')
      .where('e.tenant = :tenant AND NOT e.archived', { tenant });
    if (ids !== undefined) select.andWhere('e.id = ANY(:ids)', { ids });
    return (await select.orderBy('e.id').getMany()).map(toSummary);
  }

  async get(tenant: TenantId, id: AggregateId): Promise<Experiment | undefined> {
    const row = await findExperiment(this.db, tenant, id);
    return row === null ? undefined : toExperiment(row);
  }

  async history(tenant: TenantId, id: AggregateId): Promise<readonly HistoryEntry[]> {
    return (await experimentHistoryOf(this.db, tenant, id)).map(toHistoryEntry);
  }
}

function identityOf(row: ExperimentView) {
  const { id, name, phase, createdAt, createdBy, updatedAt, startedAt, concludedAt, endedAt, archived } = row;
  const times = { createdAt, createdBy, updatedAt, startedAt, concludedAt, endedAt };
  return { id, name, phase, status: phase, position: String(row.position), ...times, archived };
}

function toSummary(row: ExperimentView): ExperimentSummary {
  return {
    ...identityOf(row),
    baseline: referenceText(row.spec.baseline),
    candidate: referenceText(row.spec.candidate),
    hosts: row.hosts.length,
    decision: row.verdict?.decision ?? null,
  };
}

/** The answer that a row gives. */
export function toExperiment(row: ExperimentView): Experiment {
  const { spec, hosts, baseline, candidate, verdict, warmupAt, measurementAt, pausedAt, reason, clonedFrom } =
    row;
  const stages = { warmupAt, measurementAt, pausedAt };
  return {
    ...identityOf(row),
    spec,
    hosts: [...hosts],
    baseline,
    candidate,
    verdict,
    ...stages,
    clonedFrom,
    reason,
  };
}

function toHistoryEntry(row: ExperimentHistoryEntry): HistoryEntry {
  const { type, at, data, ordinal } = row;
  const actor = { kind: row.actorKind, id: row.actorId };
  return { position: String(row.position), index: ordinal, type, at, actor, data };
}

function referenceText(ref: PipelineRef): string {
  return ref.kind === 'template' ? ref.template : `${ref.pipelineId} v${ref.version}`;
}
