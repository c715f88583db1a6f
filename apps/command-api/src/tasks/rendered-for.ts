import type { Preflight } from '#lib/agent-protocol';
import type { HostView } from '#lib/database';
import { variantNames, type PipelineRef } from '#lib/events';
import {
  PipelineError,
  rawSpec,
  renderPipeline,
  specOf,
  storedSource,
  type RenderedPipeline,
} from '#lib/pipelines';
import type { Commander } from '../shared/http/commander.js';
import { invalidParameters } from '../shared/http/edge-error.js';
import { frozenPipeline, refFindings } from '../shared/http/frozen-pipeline.js';
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
  return Promise.all(
    named.map(async ({ ref, variant }) => {
      const rendered = await render(host, ref, criticalProcesses, commander);
      return { variant, configHash: rendered.hash, rendered };
    }),
  );
}

/**
 * What the source of a pipeline scrapes on this host, before any processor; of the template baseline when none is
 * named. Labels stay away, as previews play hosts without them.
 * @throws as `renderedFor`
 */
export async function renderedRaw(
  { id, tenant }: Pick<HostView, 'tenant' | 'id'>,
  ref: PipelineRef = { kind: 'template', template: 'baseline', parameters: {} },
  commander: Commander,
): Promise<RenderedPipeline> {
  const findings = refFindings('baseline', ref);
  if (findings.length > 0) throw invalidParameters(findings);
  const frozen = await frozenPipeline(commander, ref, tenant);
  return refusing(() =>
    renderPipeline({
      spec: rawSpec(specOf(storedSource(frozen))),
      host: { id, labels: {} },
      criticalProcesses: [],
    }),
  );
}

async function render(
  { id, labels, tenant }: Pick<HostView, 'tenant' | 'id' | 'labels'>,
  ref: PipelineRef,
  criticalProcesses: readonly string[],
  commander: Commander,
): Promise<RenderedPipeline> {
  const frozen = await frozenPipeline(commander, ref, tenant);
  return refusing(() => renderPipeline({ ...storedSource(frozen), host: { id, labels }, criticalProcesses }));
}

function refusing(render: () => RenderedPipeline): RenderedPipeline {
  try {
    return render();
  } catch (error) {
    if (error instanceof PipelineError) throw invalidParameters(error.findings);
    throw error;
  }
}
