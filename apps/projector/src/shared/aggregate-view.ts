import { readRows, upsert, upsertForward, type Table, type ViewName } from '#lib/database';
import type { AggregateName, EventsOf, Position, StoredCommit, TenantId } from '#lib/events';
import { PoisonCommit, type Projection, type Sql, type ViewChange } from '#lib/platform';

/** What every view row has: whose it is, which aggregate, and the last commit that is in it. */
export interface ViewRow {
  readonly tenant: TenantId;
  readonly id: string;
  readonly position: Position;
}

/** A view with one row per aggregate, as pure functions from events to rows. */
export interface AggregateView<A extends AggregateName, Row extends ViewRow, Detail extends object> {
  readonly name: ViewName;
  readonly aggregate: A;
  readonly table: Table<Row>;
  /** The event whose row follows from it alone; a row that begins within a batch need not be looked up. */
  readonly begins: EventsOf<A>['type'];
  /**
   * The row after an event; undefined before the first one. The position is set by the caller.
   * @throws Error when the event cannot follow, which parks the aggregate
   */
  readonly evolve: (row: Row | undefined, event: EventsOf<A>, commit: StoredCommit<A>) => Row;
  /** Rows of a second table that follow from one commit alone and never change. */
  readonly details?: {
    readonly table: Table<Detail>;
    readonly of: (commit: StoredCommit<A>) => readonly Detail[];
  };
}

/** Rows and details that follow from commits and the rows as they were. Rows already past a commit stay. Pure. */
export function foldCommits<A extends AggregateName, Row extends ViewRow, Detail extends object>(
  view: AggregateView<A, Row, Detail>,
  existing: readonly Row[],
  commits: readonly StoredCommit<A>[],
): { readonly rows: readonly Row[]; readonly details: readonly Detail[] } {
  const known = new Map(existing.map((row) => [rowKey(row), row]));
  const changed = new Map<string, Row>();
  for (const commit of commits) {
    const before = known.get(rowKey(commit));
    if (before !== undefined && before.position >= commit.position) continue;
    const after = evolveCommit(view, before, commit);
    known.set(rowKey(after), after);
    changed.set(rowKey(after), after);
  }
  const { details } = view;
  return { rows: [...changed.values()], details: details ? commits.flatMap((c) => details.of(c)) : [] };
}

/** The projection that keeps the tables of a view. */
export function projectionOf<A extends AggregateName, Row extends ViewRow, Detail extends object>(
  view: AggregateView<A, Row, Detail>,
): Projection {
  return {
    name: view.name,
    aggregates: [view.aggregate],
    tables: [view.table.tableName, ...(view.details ? [view.details.table.tableName] : [])],
    apply: (sql, commits) => apply(view, sql, commits as readonly StoredCommit<A>[]),
  };
}

async function apply<A extends AggregateName, Row extends ViewRow, Detail extends object>(
  view: AggregateView<A, Row, Detail>,
  sql: Sql,
  commits: readonly StoredCommit<A>[],
): Promise<readonly ViewChange[]> {
  const existing = await readRows(sql, view.table, continued(view, commits) as unknown as Partial<Row>[]);
  const { rows, details } = foldCommits(view, existing, commits);
  // Neither waits for the other's answer: the second is made ready while the database works on the first.
  await Promise.all([
    upsertForward(sql, view.table, rows),
    view.details && upsert(sql, view.details.table, details, { existing: 'keep' }),
  ]);
  return rows.map(({ tenant, id, position }) => ({ tenant, view: view.name, key: id, position }));
}

/** Keys of the rows that the commits go on from. A row begun anew needs none: what is older never replaces what is newer. */
function continued<A extends AggregateName, Row extends ViewRow, Detail extends object>(
  { begins }: AggregateView<A, Row, Detail>,
  commits: readonly StoredCommit<A>[],
): readonly Pick<StoredCommit, 'tenant' | 'id'>[] {
  const first = new Map<string, StoredCommit<A>>();
  for (const commit of commits) if (!first.has(rowKey(commit))) first.set(rowKey(commit), commit);
  return [...first.values()]
    .filter(({ events }) => events[0]?.type !== begins)
    .map(({ tenant, id }) => ({ tenant, id }));
}

/** A fold is pure, so what it throws it will throw again: the commit is poison. */
function evolveCommit<A extends AggregateName, Row extends ViewRow, Detail extends object>(
  view: AggregateView<A, Row, Detail>,
  before: Row | undefined,
  commit: StoredCommit<A>,
): Row {
  try {
    let row = before;
    for (const event of commit.events) row = view.evolve(row, event, commit);
    if (row === undefined) throw new TypeError('a commit without events');
    return { ...row, position: commit.position };
  } catch (error) {
    throw new PoisonCommit('rejected-by-projection', String(error));
  }
}

function rowKey({ tenant, id }: { readonly tenant: string; readonly id: string }): string {
  return `${tenant}.${id}`;
}
