import type { Settings } from './collector-config.js';

/** Statements of the stock transform processor, for one level of the data. */
export type Statements = {
  readonly context: 'resource' | 'metric' | 'datapoint';
  readonly conditions?: readonly string[];
  readonly statements: readonly string[];
};

/** A failing statement must fail loudly: ignoring it would send out data that is not what its names say. */
export function metricStatements(groups: readonly Statements[]): Settings {
  return { error_mode: 'propagate', metric_statements: groups };
}
