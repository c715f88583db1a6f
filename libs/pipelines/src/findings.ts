import type { Severity } from './severity.js';
import type { CollectorRule } from './validation/rules.js';
import type { VariableRule } from './variables/grammar.js';

export type { Severity } from './severity.js';

/** The rules of specifications and templates. */
export type SpecRule =
  | 'schema'
  | 'unknown-template'
  | 'unknown-parameter'
  | 'parameter-type'
  | 'parameter-range'
  | 'duplicate-processor'
  | 'memory-limiter-first'
  | 'batch-last'
  | 'host-identity-missing'
  | 'conflicting-reductions'
  | 'ranking-metric-missing'
  | 'processes-missing'
  | 'unknown-metric'
  | 'series-may-collide'
  | 'reduction-after-change'
  | 'classified-after-merging'
  | 'threshold-missing'
  | 'cap-out-of-range'
  | 'detector-missing'
  | 'needs-agent'
  | 'needs-contrib'
  | 'destination-missing'
  | 'ingress-mismatch'
  | 'ingress-port-taken'
  | 'no-processes-to-guard';

/** The rules for a host's own configuration that an agent is to run. */
export type ImportRule =
  | 'not-yaml'
  | 'signal-left-out'
  | 'no-metrics-pipeline'
  | 'connector-not-run'
  | 'listener-once'
  | 'listener-clash'
  | 'extension-left-out'
  | 'interval-too-long'
  | 'interval-unknown'
  | 'host-must-permit'
  | 'reference-not-run'
  | 'critical-not-kept';

/** The rules that findings name. A rule id never changes its meaning, so people can search for it. */
export type FindingRule = SpecRule | ImportRule | VariableRule | CollectorRule;

/** Where something begins in a text; both count from 1, columns in UTF-16 units. */
export type TextPosition = { readonly line: number; readonly column: number };

/**
 * One thing wrong with an input.
 * `path` leads to the value (`parameters.k`, `processors.1`), `message` says what is wrong, `fix` what to do.
 * What was written as text has a `position`.
 */
export type Finding = {
  readonly rule: FindingRule;
  readonly severity: Severity;
  readonly path: string;
  readonly position?: TextPosition;
  readonly message: string;
  readonly fix: string;
};

export function errorFinding(rule: SpecRule, path: string, message: string, fix: string): Finding {
  return { rule, severity: 'error', path, message, fix };
}

export type PipelineErrorCode = 'invalid-parameters' | 'invalid-specification';

/** A pipeline that cannot be rendered; `findings` holds every reason, not only the first. */
export class PipelineError extends Error {
  override readonly name = 'PipelineError';

  constructor(
    readonly code: PipelineErrorCode,
    readonly findings: readonly Finding[],
  ) {
    super(findings.map(({ path, message }) => `${path}: ${message}`).join('; '));
  }
}
