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
    /** What the version says: a template with its parameters, a specification or the YAML of a host's own. */
    template: optional(text()),
    parameters: optional(json<Readonly<Record<string, unknown>>>()),
    spec: optional(json<Readonly<Record<string, unknown>>>()),
    yaml: optional(text()),
    /** sha-256 of that; empty where the event has none. */
    contentHash: optional(text()),
    publishedAt: time(),
    publishedBy: text(),
  },
});
export type PipelineVersionView = RowsOf<typeof pipelineVersionView>;
