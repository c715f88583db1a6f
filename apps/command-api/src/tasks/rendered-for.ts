import type { Preflight } from '#lib/agent-protocol';
import type { HostView } from '#lib/database';
import { variantNames, type FrozenPipeline, type PipelineRef, type Variant } from '#lib/events';
import {
  PipelineError,
  rawSpec,
  renderPipeline,
  renderStored,
  sourceForHost,
  specOf,
  type RenderedPipeline,
} from '#lib/pipelines';
import type { Commander } from '../shared/http/commander.js';
import { invalidParameters, notRunnable, refusal } from '../shared/http/edge-error.js';
import { frozenPipeline, refFindings } from '../shared/http/frozen-pipeline.js';
import { runFindings } from '../shared/imports/run-findings.js';
import type { RequestTaskDto } from './task.dto.js';

type Tried = Pick<RequestTaskDto, 'baseline' | 'candidate' | 'criticalProcesses'>;

/**
 * The pipelines of a preflight as an experiment would bring them to this host.
 * @throws ProblemError `invalid-parameters`, `unknown-pipeline-version`, `pipeline-not-runnable`
 * @throws DomainError `pipeline-deprecated`
 */
export async function renderedFor(
  host: Pick<HostView, 'tenant' | 'id' | 'labels'>,
  { criticalProcesses = [], ...refs }: Tried,
  commander: Commander,
): Promise<Preflight['collectors']> {
  const named = variantNames.flatMap((variant) => {
    const ref = refs[variant];
    return ref === undefined ? [] : [{ variant, ref }];
  });
  const findings = named.flatMap(({ ref, variant }) => refFindings(variant, ref));
  if (findings.length > 0) throw invalidParameters(findings);
  const frozen: { [V in Variant]?: FrozenPipeline } = {};
  for (const { ref, variant } of named) frozen[variant] = await frozenPipeline(commander, ref, host.tenant);
  const errors = runFindings(frozen, criticalProcesses).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw notRunnable(errors);
  return named.flatMap(({ variant }) => {
    const pipeline = frozen[variant];
    if (pipeline === undefined) return [];
    const rendered = render(host, pipeline, criticalProcesses);
    return [{ variant, configHash: rendered.hash, rendered }];
  });
}

/**
 * What the source of a pipeline scrapes on this host, before any processor; of the template baseline when none is
 * named. What the source says by labels of the host is put in; no point carries them, as previews play hosts without
 * them.
 * @throws as `renderedFor`
 */
export async function renderedRaw(
  { id, labels, tenant }: Pick<HostView, 'tenant' | 'id' | 'labels'>,
  ref: PipelineRef = { kind: 'template', template: 'baseline', parameters: {} },
  commander: Commander,
): Promise<RenderedPipeline> {
  const findings = refFindings('baseline', ref);
  if (findings.length > 0) throw invalidParameters(findings);
  const frozen = await frozenPipeline(commander, ref, tenant);
  if ('yaml' in frozen)
    throw refusal(
      'pipeline-not-runnable',
      'What an imported configuration scrapes is told by nothing but its own collector.',
      'Name a template or a specification.',
    );
  return refusing(frozen, () =>
    renderPipeline({
      spec: rawSpec(specOf(sourceForHost(frozen, { id, labels }))),
      host: { id, labels: {} },
      criticalProcesses: [],
    }),
  );
}

function render(
  { id, labels }: Pick<HostView, 'id' | 'labels'>,
  frozen: FrozenPipeline,
  criticalProcesses: readonly string[],
): RenderedPipeline {
  return refusing(frozen, () => renderStored(frozen, { host: { id, labels }, criticalProcesses }));
}

function refusing(frozen: FrozenPipeline, render: () => RenderedPipeline): RenderedPipeline {
  try {
    return render();
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    throw 'yaml' in frozen ? notRunnable(error.findings) : invalidParameters(error.findings);
  }
}
