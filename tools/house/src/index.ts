export { logIn, type Api } from './api.js';
export { appNames, usualPorts, type AppName, type RunningApp } from './apps.js';
export { failureLine } from './failure.js';
export { startHouse, type House, type HouseOptions } from './house.js';
export type { LocalAgent } from './local-agent.js';
export { placesIn } from './places.js';
export type { Supervised } from './supervised.js';
