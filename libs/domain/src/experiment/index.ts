export * from './commands.js';
export { experimentDecider } from './decider.js';
export { experimentErrors, type ExperimentErrorCode } from './errors.js';
export * from './state.js';
export { experimentTransitions } from './transitions.js';
