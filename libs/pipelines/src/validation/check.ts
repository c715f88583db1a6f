import type { MetricsData } from '#lib/otlp';
import type { Model } from './model/model.js';
import type { Problem } from './problem.js';

/** One rule, or a few that look at the same thing. */
export type Check = (model: Model, sample?: MetricsData) => readonly Problem[];
