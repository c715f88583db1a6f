export * from './canonical-json.js';
export * from './errors.js';
export * from './experiment/index.js';
export * from './figures.js';
export * from './host/index.js';
export * from './pipeline/index.js';
export * from './policies/index.js';
export * from './analysis/index.js';
