export * from './poison.js';
export { rebuildProjection, type RebuildResult, type RebuildSession } from './rebuild.js';
export {
  CheckpointAhead,
  ProjectionRunner,
  type ProjectionLog,
  type ProjectionRunnerParts,
} from './runner.js';
export { lagOf, MAX_READY_LAG, projectionProblems } from './status.js';
export type { ProjectionState, ProjectionStatus } from './status.js';
export type * from './types.js';
