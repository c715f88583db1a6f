import type { FrozenPipeline } from '#lib/events';
import { oneIngress } from '#lib/pipelines';
import { invalidContent } from '../shared/http/edge-error.js';

/**
 * Refuses two pipelines that applications would have to push to at different ports. Only a specification can be
 * pushed to. @throws ProblemError `invalid-specification`
 */
export function requireOneIngress(baseline: FrozenPipeline, candidate: FrozenPipeline): void {
  if (!('spec' in baseline) || !('spec' in candidate)) return;
  const findings = oneIngress(baseline.spec, candidate.spec);
  if (findings.length > 0) throw invalidContent({ spec: candidate.spec }, findings);
}
