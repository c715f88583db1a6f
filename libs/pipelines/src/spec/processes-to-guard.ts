import type { Finding } from '../findings.js';
import { hostMetricsSource } from './hostmetrics-source.js';

/** What an experiment asks of processes. */
type Guarded = {
  readonly guardrails: readonly { readonly kpi: string }[];
  readonly criticalProcesses: readonly string[];
};

/**
 * Warns of what can hardly be measured: which processes a candidate keeps, where the baseline scrapes none. What
 * applications push may tell of processes all the same, so it is no error. Nothing is known of a source that depends
 * on the host.
 */
export function processesToGuard(
  baseline: { readonly source?: unknown },
  { criticalProcesses, guardrails }: Guarded,
): readonly Finding[] {
  if (mayScrapeProcesses(baseline.source)) return [];
  const coverage = guardrails.flatMap(({ kpi }, index) =>
    kpi === 'processCoverage' ? [{ path: `guardrails.${index}`, what: 'the guardrail processCoverage' }] : [],
  );
  const named =
    criticalProcesses.length > 0 ? [{ path: 'criticalProcesses', what: 'the critical processes' }] : [];
  return [...coverage, ...named].map(({ path, what }) => ({
    rule: 'no-processes-to-guard',
    severity: 'warning',
    path,
    message: `the baseline scrapes no processes, so there may be no data for ${what}, and without data no verdict promotes`,
    fix: 'Leave it out, or guard collectorCpu and collectorMemory.',
  }));
}

function mayScrapeProcesses(source: unknown): boolean {
  const { kind } = (source ?? {}) as { readonly kind?: unknown };
  if (kind === 'otlp' || kind === 'prometheus') return false;
  const { data } = hostMetricsSource.safeParse(source);
  return data === undefined || data.processMetrics !== undefined;
}
