export * from './bounds.js';
export * from './http-door.js';
export * from './limits.js';
export * from './messages.js';
export * from './subjects.js';
export * from './task-reports.js';
export * from './tasks.js';
