export * from './event-store-contract.js';
export * from './eventually.js';
export * from './pipeline-commits.js';
export * from './test-clock.js';
export * from './test-nats.js';
export * from './counting-decider.js';
