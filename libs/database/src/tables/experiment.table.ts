import type {
  AggregateId,
  Actor,
  ExperimentSpec,
  FrozenPipeline,
  HostId,
  Position,
  TenantId,
  Verdict,
} from '#lib/events';
import { bigint, boolean, integer, json, key, optional, text, time, verbatimJson } from '../schema/column.js';
import { table, type RowsOf } from '../schema/table.js';

/** Where an experiment stands; `phase` in answers. */
export const experimentPhases = [
  'draft',
  'deploying',
  'warming',
  'running',
  'paused',
  'analyzing',
  'concluded',
  'promoting',
  'promoted',
  'rolling_back',
  'rolled_back',
  'stopping',
  'stopped',
  'failed',
  'archived',
] as const;
export type ExperimentPhaseName = (typeof experimentPhases)[number];

/** One row per experiment. Frozen pipelines and hosts are empty until the start. */
export const experimentView = table({
  name: 'experiment_view',
  writer: 'projector',
  columns: {
    tenant: key(text<TenantId>()),
    id: key(text<AggregateId>()),
    position: bigint<Position>(),
    phase: text<ExperimentPhaseName>(),
    name: text(),
    spec: json<ExperimentSpec>(),
    hosts: json<readonly HostId[]>(),
    baseline: optional(json<FrozenPipeline>()),
    candidate: optional(json<FrozenPipeline>()),
    verdict: optional(json<Verdict>()),
    createdAt: time(),
    startedAt: optional(time()),
    warmupAt: optional(time()),
    measurementAt: optional(time()),
    pausedAt: optional(time()),
    concludedAt: optional(time()),
    endedAt: optional(time()),
    updatedAt: time(),
    createdBy: text(),
    /** Why the last pause, promotion, rollback, stop or failure happened. */
    reason: optional(text()),
    archived: boolean(),
    /** The experiment that the first description was taken from. */
    clonedFrom: optional(text<AggregateId>()),
  },
  indices: [
    ['tenant', 'createdAt'],
    ['tenant', 'phase'],
  ],
});
export type ExperimentView = RowsOf<typeof experimentView>;

/** Every event of every experiment as it happened: who, what, when. */
export const experimentHistory = table({
  name: 'experiment_history',
  writer: 'projector',
  columns: {
    tenant: key(text<TenantId>()),
    experimentId: key(text<AggregateId>()),
    position: key(bigint<Position>()),
    /** Place of the event within its commit. */
    ordinal: key(integer()),
    type: text(),
    at: time(),
    actorKind: text<Actor['kind']>(),
    actorId: text(),
    commandId: text(),
    data: json<unknown>(),
  },
});
export type ExperimentHistoryEntry = RowsOf<typeof experimentHistory>;

/** The result of an experiment as it was first told after the conclusion. It is written once and never again. */
export const experimentResult = table({
  name: 'experiment_result',
  writer: 'command-api',
  columns: {
    tenant: key(text<TenantId>()),
    experimentId: key(text<AggregateId>()),
    /** Position of the conclusion. */
    position: bigint<Position>(),
    document: verbatimJson<unknown>(),
    recordedAt: time(),
  },
});
export type ExperimentResult = RowsOf<typeof experimentResult>;
