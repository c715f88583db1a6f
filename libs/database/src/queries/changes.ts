import { MoreThan, type DataSource } from 'typeorm';
import { NO_POSITION, type Position, type TenantId } from '#lib/events';
import type { Clock } from '#lib/platform';
import {
  changeLog,
  projectionCheckpoint,
  type ChangeLogEntry,
  type ViewName,
} from '../tables/projection.table.js';
import { TASKS_READER, uplinkPosition } from '../tables/uplink.table.js';

/**
 * Changes of one view after a cursor, oldest first. A cursor belongs to one view: ids of different views may become
 * visible out of order, ids of one view never do.
 */
export function changesAfter(
  source: DataSource,
  of: { readonly tenant: TenantId; readonly view: ViewName },
  cursor: number,
  limit: number,
): Promise<readonly ChangeLogEntry[]> {
  return source
    .getRepository(changeLog)
    .find({ where: { ...of, id: MoreThan(cursor) }, order: { id: 'ASC' }, take: limit });
}

/** The newest cursor of a view, 0 when nothing ever changed. Take it before the snapshot that it belongs to. */
export async function latestChange(source: DataSource, tenant: TenantId, view: ViewName): Promise<number> {
  const newest = await source
    .getRepository(changeLog)
    .findOne({ where: { tenant, view }, order: { id: 'DESC' } });
  return newest?.id ?? 0;
}

/** What can be waited for: a projection of EVENTS, or the gateway's reading of TASKS. */
export type ReadModel = ViewName | 'tasks';

/** The last position that is in the rows of a read model. */
export async function checkpointOf(source: DataSource, projection: ReadModel): Promise<Position> {
  if (projection === 'tasks') {
    const reader = await source.getRepository(uplinkPosition).findOneBy({ reader: TASKS_READER });
    return (reader?.sequence ?? NO_POSITION) as Position;
  }
  const row = await source.getRepository(projectionCheckpoint).findOneBy({ projection });
  return row?.position ?? NO_POSITION;
}

const POLL_MS = 50;

/**
 * Read-your-writes: waits until a projection has the position.
 * @returns false when it has not within `timeoutMs`
 */
export async function waitForPosition(
  source: DataSource,
  clock: Clock,
  wanted: { readonly projection: ReadModel; readonly position: Position },
  timeoutMs: number,
): Promise<boolean> {
  const deadline = clock.now() + timeoutMs;
  while ((await checkpointOf(source, wanted.projection)) < wanted.position) {
    if (clock.now() >= deadline) return false;
    await clock.sleep(POLL_MS);
  }
  return true;
}
