import type { DataSource, SelectQueryBuilder } from 'typeorm';
import type { AggregateId, TenantId } from '#lib/events';
import {
  experimentHistory,
  experimentView,
  type ExperimentHistoryEntry,
  type ExperimentPhaseName,
  type ExperimentView,
} from '../tables/experiment.table.js';
import { decodeCursor, encodeCursor, type Page } from './paging.js';

export type ExperimentSort = 'createdAt' | 'updatedAt' | 'name';

/** Which experiments, in which order. Archived ones are left out unless asked for. */
export interface ExperimentListQuery {
  readonly tenant: TenantId;
  readonly phases?: readonly ExperimentPhaseName[];
  /** Part of the name, in any case. */
  readonly search?: string;
  readonly includeArchived?: boolean;
  readonly sort: ExperimentSort;
  readonly direction: 'asc' | 'desc';
  readonly limit: number;
  readonly cursor?: string;
}

/** One page. @throws CursorError when the cursor is none of ours, or belongs to another sort */
export async function listExperiments(
  source: DataSource,
  query: ExperimentListQuery,
): Promise<Page<ExperimentView>> {
  const { sort, direction, limit } = query;
  const order = direction === 'asc' ? 'ASC' : 'DESC';
  const builder = source
    .getRepository(experimentView)
    .createQueryBuilder('e')
    .where('e.tenant = :tenant', { tenant: query.tenant });
  filter(builder, query);
  if (query.cursor !== undefined) {
    const [value, id] = decodeCursor(query.cursor, [sort, direction]);
    builder.andWhere(`(e.${sort}, e.id) ${direction === 'asc' ? '>' : '<'} (:value, :id)`, { value, id });
  }
  const rows = await builder
    .orderBy(`e.${sort}`, order)
    .addOrderBy('e.id', order)
    .limit(limit + 1)
    .getMany();
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if (rows.length <= limit || last === undefined) return { items };
  return { items, next: encodeCursor([sort, direction], [last[sort], last.id]) };
}

function filter(builder: SelectQueryBuilder<ExperimentView>, query: ExperimentListQuery): void {
  if (query.includeArchived !== true) builder.andWhere('NOT e.archived');
  if (query.phases !== undefined) builder.andWhere('e.phase = ANY(:phases)', { phases: [...query.phases] });
  if (query.search !== undefined)
    builder.andWhere('strpos(lower(e.name), lower(:search)) > 0', { search: query.search });
}

/** One experiment, or null. */
export function findExperiment(
  source: DataSource,
  tenant: TenantId,
  id: AggregateId,
): Promise<ExperimentView | null> {
  return source.getRepository(experimentView).findOneBy({ tenant, id });
}

/** Everything that happened to an experiment, oldest first. */
export function experimentHistoryOf(
  source: DataSource,
  tenant: TenantId,
  experimentId: AggregateId,
): Promise<readonly ExperimentHistoryEntry[]> {
  return source
    .getRepository(experimentHistory)
    .find({ where: { tenant, experimentId }, order: { position: 'ASC', ordinal: 'ASC' } });
}
