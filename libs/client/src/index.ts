export type * from './answers.js';
export type * from './fleet-answers.js';
export type * from './preview-answers.js';
export type * from './pipeline-answers.js';
export { PhoenixClient, type ClientOptions, type RequestOptions } from './client.js';
export { ApiProblem, ApiUnreachable, type Problem } from './problem.js';
export { figureText, intervalText, reductionLine, valueText } from './words.js';
