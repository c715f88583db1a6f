export * from './commands.js';
export { hostDecider } from './decider.js';
export { hostErrors, type HostErrorCode } from './errors.js';
export * from './state.js';
export { hostTransitions } from './transitions.js';
