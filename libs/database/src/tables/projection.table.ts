import type { Position, TenantId } from '#lib/events';
import { bigint, integer, key, optional, serial, text, time } from '../schema/column.js';
import { table, type RowsOf } from '../schema/table.js';

/** How far each projection has come, and who may move it: `epoch` grows with every change of hands. */
export const projectionCheckpoint = table({
  name: 'projection_checkpoint',
  writer: 'projector',
  columns: {
    projection: key(text()),
    position: bigint<Position>(),
    epoch: bigint(),
    owner: optional(text()),
    leaseUntil: optional(time()),
    updatedAt: time(),
  },
});
export type ProjectionCheckpoint = RowsOf<typeof projectionCheckpoint>;

/**
 * Aggregates that a projection could not go on with. `position` is the commit that broke it; this and all later
 * commits of the subject wait in EVENTS, in order, for a rebuild.
 */
export const parkedAggregate = table({
  name: 'parked_aggregate',
  writer: 'projector',
  columns: {
    projection: key(text()),
    subject: key(text()),
    position: bigint<Position>(),
    lastPosition: bigint<Position>(),
    commits: integer(),
    code: text(),
    detail: text(),
    parkedAt: time(),
  },
});
export type ParkedAggregate = RowsOf<typeof parkedAggregate>;

/** Which row of which view changed: the cursor of the feeds. Ids grow in commit order within one view. */
export const changeLog = table({
  name: 'change_log',
  writer: 'projector',
  columns: {
    id: serial(),
    tenant: text<TenantId>(),
    view: text<ViewName>(),
    key: text(),
    position: bigint<Position>(),
    at: time(),
  },
  indices: [['tenant', 'view', 'id']],
});
export type ChangeLogEntry = RowsOf<typeof changeLog>;

/** Views with a feed; each is written by the projection of the same name. */
export type ViewName = 'experiments' | 'pipelines' | 'hosts';
