import { pipelineDecider, type PipelineVersion } from '#lib/domain';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId, FrozenPipeline, PipelineRef, TenantId } from '#lib/events';
import { validateParameters, type Finding } from '#lib/pipelines';
import type { Commander } from './commander.js';
import { refusal } from './edge-error.js';

type VersionRef = Extract<PipelineRef, { kind: 'pipeline' }>;

/**
 * A reference resolved as it is now, for something new.
 * @throws ProblemError `unknown-pipeline-version`
 * @throws DomainError `pipeline-deprecated`
 */
export async function frozenPipeline(
  commander: Pick<Commander, 'current'>,
  ref: PipelineRef,
  tenant: TenantId,
): Promise<FrozenPipeline> {
  if (ref.kind === 'template') return { template: ref.template, parameters: ref.parameters };
  const { pipelineId, version } = ref;
  const { content } = await versionInUse(commander, ref, tenant);
  return { ...content, pipelineId, version };
}

async function versionInUse(
  commander: Pick<Commander, 'current'>,
  { pipelineId, version }: VersionRef,
  tenant: TenantId,
): Promise<PipelineVersion> {
  const { state } = await commander.current(pipelineDecider, pipelineId as AggregateId, { tenant });
  const found = state.phase === 'absent' ? undefined : state.versions[version - 1];
  if (state.phase === 'absent' || found === undefined)
    throw refusal(
      'unknown-pipeline-version',
      `Pipeline ${pipelineId} has no version ${version}.`,
      'See GET /pipelines and GET /pipelines/{id}/versions.',
    );
  if (state.phase === 'deprecated')
    throw new DomainError(
      'pipeline-deprecated',
      `Pipeline ${pipelineId} is deprecated: ${state.deprecatedReason ?? 'no reason was given'}.`,
      'Use another pipeline; see GET /pipelines.',
    );
  return found;
}

/** What is wrong with the parameters of a reference, by the path of the variant. */
export function refFindings(variant: string, ref: PipelineRef): readonly Finding[] {
  if (ref.kind === 'pipeline') return [];
  const findings = validateParameters(ref.template, ref.parameters);
  return findings.map((finding) => ({ ...finding, path: `${variant}.${finding.path}` }));
}
