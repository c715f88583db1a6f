export * from './commands.js';
export { contentHash } from './content-hash.js';
export { pipelineDecider } from './decider.js';
export { pipelineErrors, type PipelineErrorCode } from './errors.js';
export * from './state.js';
export { pipelineTransitions } from './transitions.js';
