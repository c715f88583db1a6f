import type { AggregateId, HostId, TenantId } from '#lib/events';
import { bytes, integer, key, text, time } from '../schema/column.js';
import { table, type RowsOf } from '../schema/table.js';

/** Parts of recordings that are on their way; gone once the task's result has come, or when nothing follows them. */
export const recordingPart = table({
  name: 'recording_part',
  writer: 'agent-gateway',
  columns: {
    tenant: key(text<TenantId>()),
    taskId: key(text<AggregateId>()),
    part: key(integer()),
    host: text<HostId>(),
    content: bytes(),
    receivedAt: time(),
  },
});
export type RecordingPartRow = RowsOf<typeof recordingPart>;
