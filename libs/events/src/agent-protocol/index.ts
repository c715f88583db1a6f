export * from './bounds.js';
export * from './http-door.js';
export * from './limits.js';
export * from './messages.js';
export * from './recording-parts.js';
export * from './subjects.js';
export * from './task-reports.js';
export * from './tasks.js';
