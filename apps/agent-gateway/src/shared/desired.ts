import { desiredCollectors, type StartedExperiment } from '#lib/domain';
import type { HostId } from '#lib/events';
import { renderStored, type RenderedPipeline } from '#lib/pipelines';
import type { WantContent } from './want.js';

/** What a host should run, with the rendered pipelines behind the hashes. */
export interface Desired {
  readonly content: WantContent;
  readonly rendered: readonly RenderedPipeline[];
}

/**
 * The desired state of one host under the experiment that owns it. Pure: the same experiment and host give the same
 * bytes.
 * @throws PipelineError when a frozen pipeline cannot be rendered for this host.
 */
export function desiredStateOf(
  experimentId: string,
  { phase, spec, run }: StartedExperiment,
  host: { readonly id: HostId; readonly labels: Readonly<Record<string, string>> },
): Desired {
  const collectors = desiredCollectors({ phase, spec, run }).map(({ variant, role }) => {
    const { criticalProcesses } = spec;
    const rendered = renderStored(run[variant], { host, criticalProcesses });
    return { variant, role, rendered };
  });
  return {
    content: {
      experimentId,
      // The same while the candidate is stopped and once it is, so that arriving there is no new order.
      drain: run.stopMode !== 'instant',
      criticalProcesses: [...spec.criticalProcesses],
      collectors: collectors.map(({ variant, role, rendered }) => ({
        variant,
        role,
        configHash: rendered.hash,
        // A baseline feeds the backend: nobody takes that back.
        ...(variant === 'candidate' && spec.limits !== undefined && { limits: spec.limits }),
      })),
    },
    rendered: collectors.map(({ rendered }) => rendered),
  };
}
