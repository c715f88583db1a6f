export { tariffById, tariffs } from './catalogue.js';
export * from './price.js';
export type { Meter, Tariff, Tier } from './tariff.js';
