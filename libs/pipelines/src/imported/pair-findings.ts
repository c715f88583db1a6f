import type { Finding } from '../findings.js';
import { keptOf, readForeign } from './foreign.js';
import { errorsOf, importFindings } from './import-findings.js';
import { nameOf, sharedPorts } from './listeners.js';

/** The configurations of the two variants, where they are imported ones. */
export type ImportedPair = {
  readonly baseline?: string | undefined;
  readonly candidate?: string | undefined;
};

/**
 * What keeps the variants of an experiment from running beside each other, and what they do not promise. Paths begin
 * with the variant.
 */
export function pairFindings(pair: ImportedPair, criticalProcesses: readonly string[]): readonly Finding[] {
  return [...shared(pair), ...notKept(pair, criticalProcesses)];
}

/** Also a port of an exporter, such as that of Prometheus: a promoted candidate starts beside the baseline. */
function shared({ baseline, candidate }: ImportedPair): readonly Finding[] {
  if (baseline === undefined || candidate === undefined) return [];
  // What cannot be read or run has its own findings.
  if (errorsOf([...importFindings(baseline), ...importFindings(candidate)]).length > 0) return [];
  return sharedPorts(keptOf(readForeign(baseline)), keptOf(readForeign(candidate))).map((listener) => ({
    rule: 'listener-clash',
    severity: 'error',
    path: `candidate.${listener.path}`,
    message: `${nameOf(listener)}, and so does the baseline: two collectors of one host cannot have it.`,
    fix: 'Give the candidate another port, or leave the component out.',
  }));
}

function notKept(pair: ImportedPair, criticalProcesses: readonly string[]): readonly Finding[] {
  if (criticalProcesses.length === 0) return [];
  return (['baseline', 'candidate'] as const)
    .filter((variant) => pair[variant] !== undefined)
    .map((variant) => ({
      rule: 'critical-not-kept',
      severity: 'warning',
      path: variant,
      message: `Nothing makes the imported ${variant} keep the critical processes; only the measurement shows whether it does.`,
      fix: 'Keep the guardrail criticalCoverage, and run a preflight with the same names.',
    }));
}
