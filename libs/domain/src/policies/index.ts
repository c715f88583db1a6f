export * from './deadlines.js';
export * from './desired-collectors.js';
export * from './experiment-clock.js';
