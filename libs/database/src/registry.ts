import { experimentHistory, experimentResult, experimentView } from './tables/experiment.table.js';
import { enrolmentToken, enrolmentUse, hostCredential } from './tables/enrolment.table.js';
import { hostHello, hostPresence, hostView } from './tables/host.table.js';
import { appUser, auditLog } from './tables/identity.table.js';
import { gatewayLease, gatewayMember } from './tables/lease.table.js';
import { kpiBlock, kpiChange, metricCursor, metricGap, metricWindow } from './tables/metric.table.js';
import { generatedConfig, hostAttempt } from './tables/order.table.js';
import { pipelineVersionView, pipelineView } from './tables/pipeline.table.js';
import { changeLog, parkedAggregate, projectionCheckpoint } from './tables/projection.table.js';
import { recordingPart } from './tables/recording.table.js';
import { task, taskStage } from './tables/task.table.js';
import { outboxGap, uplinkCursor, uplinkPosition } from './tables/uplink.table.js';
import type { Writer } from './schema/table.js';

/** Every table with its one writing app. */
export const tables = [
  projectionCheckpoint,
  parkedAggregate,
  changeLog,
  experimentView,
  experimentHistory,
  experimentResult,
  pipelineView,
  pipelineVersionView,
  hostView,
  appUser,
  auditLog,
  enrolmentToken,
  enrolmentUse,
  hostCredential,
  uplinkCursor,
  uplinkPosition,
  outboxGap,
  hostAttempt,
  generatedConfig,
  task,
  taskStage,
  recordingPart,
  hostPresence,
  hostHello,
  gatewayLease,
  gatewayMember,
  metricCursor,
  metricWindow,
  metricGap,
  kpiBlock,
  kpiChange,
].map((entity) => ({ table: entity.tableName, writer: entity.writer, entity })) satisfies readonly {
  readonly table: string;
  readonly writer: Writer;
}[];

/** TypeORM's own list of applied migrations; written by `tools/migrate` alone. */
export const MIGRATIONS_TABLE = 'schema_migration';
