/** How bad a finding is: an `error` refuses the input, a `warning` lets it pass and is shown. */
export type Severity = 'error' | 'warning';

/** The rules that findings name. A rule id never changes its meaning, so people can search for it. */
export type FindingRule =
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
  | 'series-may-collide'
  | 'reduction-after-change';

/**
 * One thing wrong with an input.
 * `path` leads to the value (`parameters.k`, `processors.1`), `message` says what is wrong, `fix` what to do.
 */
export type Finding = {
  readonly rule: FindingRule;
  readonly severity: Severity;
  readonly path: string;
  readonly message: string;
  readonly fix: string;
};

export function errorFinding(rule: FindingRule, path: string, message: string, fix: string): Finding {
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
