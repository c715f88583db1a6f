import { pipelineDecider } from '#lib/domain';
import type { AggregateId, FrozenPipeline, PipelineRef, TenantId } from '#lib/events';
import { validateParameters, type Finding } from '#lib/pipelines';
import type { Commander } from './commander.js';
import { refusal } from './edge-error.js';

/** A reference resolved as it is now. @throws ProblemError `unknown-pipeline-version` */
export async function frozenPipeline(
  commander: Pick<Commander, 'current'>,
  ref: PipelineRef,
  tenant: TenantId,
): Promise<FrozenPipeline> {
  if (ref.kind === 'template') return { template: ref.template, parameters: ref.parameters };
  const { pipelineId, version } = ref;
  const { state } = await commander.current(pipelineDecider, pipelineId as AggregateId, { tenant });
  const found = state.phase === 'absent' ? undefined : state.versions[version - 1];
  if (found === undefined)
    throw refusal(
      'unknown-pipeline-version',
      `Pipeline ${pipelineId} has no version ${version}.`,
      'See GET /pipelines and GET /pipelines/{id}/versions.',
    );
  return { template: found.template, parameters: { ...found.parameters }, pipelineId, version };
}

/** What is wrong with the parameters of a reference, by the path of the variant. */
export function refFindings(variant: string, ref: PipelineRef): readonly Finding[] {
  if (ref.kind === 'pipeline') return [];
  const findings = validateParameters(ref.template, ref.parameters);
  return findings.map((finding) => ({ ...finding, path: `${variant}.${finding.path}` }));
}
