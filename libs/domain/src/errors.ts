import type { ExperimentErrorCode } from './experiment/index.js';
import type { HostErrorCode } from './host/index.js';
import type { PipelineErrorCode } from './pipeline/index.js';

/** Every code with which the rules may refuse a command; the edge maps each to a status in an exhaustive table. */
export type DomainErrorCode = ExperimentErrorCode | PipelineErrorCode | HostErrorCode;
