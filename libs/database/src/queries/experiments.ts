import { createHash } from 'node:crypto';
import type { DataSource, SelectQueryBuilder } from 'typeorm';
import { z } from 'zod';
import type { AggregateId, TenantId } from '#lib/events';
import {
  experimentHistory,
  experimentView,
  type ExperimentHistoryEntry,
  type ExperimentPhaseName,
  type ExperimentView,
} from '../tables/experiment.table.js';
import { CursorError, decodeCursor, encodeCursor, type Cursor, type Page, type RowKey } from './paging.js';

export type ExperimentSort = 'createdAt' | 'updatedAt' | 'name';

/** Which experiments. Archived ones are left out unless asked for. */
export interface ExperimentFilter {
  readonly phases?: readonly ExperimentPhaseName[];
  /** Part of the name, in any case. */
  readonly search?: string;
  /** Takes part, or is named by the targets of a draft. */
  readonly host?: string;
  /** Labels that the targets ask for; all of them. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Template of the candidate. */
  readonly template?: string;
  readonly includeArchived?: boolean;
}

/** Which experiments, in which order. */
export interface ExperimentListQuery extends ExperimentFilter {
  readonly tenant: TenantId;
  readonly sort: ExperimentSort;
  readonly direction: 'asc' | 'desc';
  readonly limit: number;
  readonly cursor?: string;
}

/**
 * One page. By `createdAt`, which never changes, each row comes exactly once, whatever changes meanwhile. By the
 * others a row that changes while somebody turns the pages would jump past him: such rows come again at the end, as
 * they are then, so that none is missed.
 * @throws CursorError when the cursor is none of ours, or belongs to another filter or sort
 */
export async function listExperiments(
  source: DataSource,
  query: ExperimentListQuery,
): Promise<Page<ExperimentView>> {
  const { sort, direction, limit, cursor } = query;
  const list = [sort, direction, filterKey(query)];
  const from = cursor === undefined ? undefined : requireUsable(decodeCursor(cursor, list), sort);
  if (sort !== 'createdAt') return listMoving(source, query, { list, from });
  const rows = await selectOrdered(source, query, from?.after).getMany();
  return pageOf(rows, limit, (last) => encodeCursor(list, unchanged(last, sort, 0)));
}

async function listMoving(
  source: DataSource,
  query: ExperimentListQuery,
  { list, from }: { readonly list: readonly string[]; readonly from: Cursor | undefined },
): Promise<Page<ExperimentView>> {
  const { sort, limit } = query;
  const asOf = from?.asOf ?? (await newestPosition(source, query.tenant));
  const beyond = from?.part === 'changed' ? from.after : undefined;
  const first = beyond === undefined ? await unchangedRows(source, query, { asOf, from }) : [];
  if (first.length > limit)
    return pageOf(first, limit, (last) => encodeCursor(list, unchanged(last, sort, asOf)));
  const later = await changedRows(source, query, { asOf, after: beyond, limit: limit - first.length });
  return pageOf([...first, ...later], limit, (last) =>
    encodeCursor(list, {
      part: 'changed',
      asOf,
      after: last.position > asOf ? [String(last.position), last.id] : [String(asOf), ''],
    }),
  );
}

function unchangedRows(
  source: DataSource,
  query: ExperimentListQuery,
  { asOf, from }: { readonly asOf: number; readonly from: Cursor | undefined },
): Promise<readonly ExperimentView[]> {
  return selectOrdered(source, query, from?.after).andWhere('e.position <= :asOf', { asOf }).getMany();
}

/** Rows that changed since the list was begun, in the order of their changes, one more than asked for. */
function changedRows(
  source: DataSource,
  query: ExperimentListQuery,
  {
    asOf,
    after,
    limit,
  }: { readonly asOf: number; readonly after: RowKey | undefined; readonly limit: number },
): Promise<readonly ExperimentView[]> {
  const [position, id] = after ?? [String(asOf), ''];
  return select(source, query)
    .andWhere('e.position > :asOf AND (e.position, e.id) > (CAST(:position AS bigint), :id)', {
      asOf,
      position,
      id,
    })
    .orderBy('e.position', 'ASC')
    .addOrderBy('e.id', 'ASC')
    .limit(limit + 1)
    .getMany();
}

function selectOrdered(
  source: DataSource,
  query: ExperimentListQuery,
  after: RowKey | undefined,
): SelectQueryBuilder<ExperimentView> {
  const { sort, direction, limit } = query;
  const order = direction === 'asc' ? 'ASC' : 'DESC';
  const builder = select(source, query);
  if (after !== undefined) {
    const [value, id] = after;
    builder.andWhere(`(e.${sort}, e.id) ${direction === 'asc' ? '>' : '<'} (:value, :id)`, { value, id });
  }
  return builder
    .orderBy(`e.${sort}`, order)
    .addOrderBy('e.id', order)
    .limit(limit + 1);
}

function select(source: DataSource, query: ExperimentListQuery): SelectQueryBuilder<ExperimentView> {
  const { phases, search, host, labels, template, includeArchived = false } = query;
  const builder = source
    .getRepository(experimentView)
    .createQueryBuilder('e')
    .where('e.tenant = :tenant', { tenant: query.tenant });
  if (!includeArchived) builder.andWhere('NOT e.archived');
  if (phases !== undefined) builder.andWhere('e.phase = ANY(:phases)', { phases: [...phases] });
  if (search !== undefined) builder.andWhere('strpos(lower(e.name), lower(:search)) > 0', { search });
  if (host !== undefined)
    builder.andWhere(
      "(e.hosts @> CAST(:host AS jsonb) OR (e.phase = 'draft' AND e.spec -> 'targets' -> 'hosts' @> CAST(:host AS jsonb)))",
      { host: JSON.stringify([host]) },
    );
  if (labels !== undefined)
    builder.andWhere("e.spec -> 'targets' -> 'labels' @> CAST(:labels AS jsonb)", {
      labels: JSON.stringify(labels),
    });
  if (template !== undefined)
    builder.andWhere(
      "coalesce(e.candidate ->> 'template', e.spec -> 'candidate' ->> 'template') = :template",
      { template },
    );
  return builder;
}

async function newestPosition(source: DataSource, tenant: TenantId): Promise<number> {
  const row = await source
    .getRepository(experimentView)
    .createQueryBuilder('e')
    .select('max(e.position)', 'newest')
    .where('e.tenant = :tenant', { tenant })
    .getRawOne<{ readonly newest: string | null }>();
  return Number(row?.newest ?? 0);
}

function pageOf(
  rows: readonly ExperimentView[],
  limit: number,
  cursorAfter: (last: ExperimentView) => string,
): Page<ExperimentView> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length <= limit || last === undefined ? { items } : { items, next: cursorAfter(last) };
}

function unchanged(last: ExperimentView, sort: ExperimentSort, asOf: number): Cursor {
  return { part: 'unchanged', asOf, after: [last[sort], last.id] };
}

/** The database must not be the first to find out that a value is none. */
function requireUsable(cursor: Cursor, sort: ExperimentSort): Cursor {
  const [value, id] = cursor.after;
  const isUsable =
    cursor.part === 'changed'
      ? /^\d{1,15}$/.test(value)
      : sort === 'name' || z.iso.datetime().safeParse(value).success;
  if (isUsable && !`${value}${id}`.includes('\0')) return cursor;
  throw new CursorError('the cursor names no row');
}

function filterKey({ phases, search, host, labels, template, includeArchived }: ExperimentFilter): string {
  const filter = [phases, search, host, labels, template, includeArchived ?? false];
  return createHash('sha256').update(JSON.stringify(filter)).digest('base64url').slice(0, 12);
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
