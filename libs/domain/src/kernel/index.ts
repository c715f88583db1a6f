export * from './assert-never.js';
export * from './decider.js';
export * from './domain-error.js';
