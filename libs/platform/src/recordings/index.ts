export * from './recording-store.js';
export * from './recording-view.js';
