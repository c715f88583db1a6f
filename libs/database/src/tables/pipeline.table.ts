import type { AggregateId, Position, TenantId } from '#lib/events';
import { bigint, boolean, integer, json, key, optional, text, time } from '../schema/column.js';
import { table, type RowsOf } from '../schema/table.js';

/** One row per catalogued pipeline. */
export const pipelineView = table({
  name: 'pipeline_view',
  writer: 'projector',
  columns: {
    tenant: key(text<TenantId>()),
    id: key(text<AggregateId>()),
    position: bigint<Position>(),
    name: text(),
    description: text(),
    /** 0 until the first version is published. */
    latestVersion: integer(),
    deprecated: boolean(),
    deprecatedReason: optional(text()),
    createdAt: time(),
    createdBy: text(),
    updatedAt: time(),
  },
});
export type PipelineView = RowsOf<typeof pipelineView>;

/** One row per published version; versions never change. */
export const pipelineVersionView = table({
  name: 'pipeline_version_view',
  writer: 'projector',
  columns: {
    tenant: key(text<TenantId>()),
    pipelineId: key(text<AggregateId>()),
    version: key(integer()),
    position: bigint<Position>(),
    template: text(),
    parameters: json<Readonly<Record<string, unknown>>>(),
    publishedAt: time(),
    publishedBy: text(),
  },
});
export type PipelineVersionView = RowsOf<typeof pipelineVersionView>;
