export { PhoenixClient, type ClientOptions, type RequestOptions } from './client.js';
export { ApiProblem, ApiUnreachable, type Problem } from './problem.js';
