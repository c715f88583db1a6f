import type { Settings } from './collector-config.js';

/** The settings of a stock filter, which DROPS what the condition matches. */
export function dropWhere(context: 'resource' | 'metric' | 'datapoint', condition: string): Settings {
  return { error_mode: 'ignore', metric_conditions: [{ context, conditions: [condition] }] };
}
