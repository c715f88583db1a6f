import type { ExperimentView, HostAttempt, HostView } from '#lib/database';
import { variantNames, type AggregateId, type HostId, type RunningCollector } from '#lib/events';
import { PipelineError, renderStored } from '#lib/pipelines';
import type { PipelineUsage } from '../../shared/views/pipeline.view.js';

type Experiment = Pick<ExperimentView, 'id' | 'name' | 'phase' | 'spec' | 'hosts' | 'baseline' | 'candidate'>;
type Host = Pick<HostView, 'id' | 'labels' | 'collectors' | 'generation'>;
type HostUse = PipelineUsage['hosts'][number];

/** Phases in which an experiment gives its hosts no orders any more. */
const OVER = new Set<Experiment['phase']>(['draft', 'rolled_back', 'stopped', 'failed', 'archived']);

/** Hosts with what they were ordered and say that they run. */
export interface Fleet {
  readonly hosts: ReadonlyMap<HostId, Host>;
  readonly orders: ReadonlyMap<HostId, Pick<HostAttempt, 'collectors'>>;
}

/** The variants of experiments that are versions of a pipeline. */
export function experimentUses(
  experiments: readonly Experiment[],
  pipelineId: AggregateId,
): PipelineUsage['experiments'] {
  return experiments.flatMap(({ id, name, phase, spec }) =>
    variantNames.flatMap((role) => {
      const ref = spec[role];
      return ref.kind === 'pipeline' && ref.pipelineId === pipelineId
        ? [{ id, name, phase, role, version: ref.version }]
        : [];
    }),
  );
}

/**
 * The hosts that run a version, should run one, or have not said, each under the newest experiment. A configuration
 * is known by its hash, which follows from the version, the host and the critical processes alone.
 */
export function hostUses(
  experiments: readonly Experiment[],
  pipelineId: AggregateId,
  fleet: Fleet,
): readonly HostUse[] {
  const seen = new Set<string>();
  return usesOf(experiments, pipelineId, fleet).filter(({ host, configHash }) => {
    // What a host runs it runs once, whoever else has asked for the same before.
    const key = `${host} ${configHash}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

function usesOf(
  experiments: readonly Experiment[],
  pipelineId: AggregateId,
  fleet: Fleet,
): readonly HostUse[] {
  return experiments.flatMap((experiment) =>
    experimentUses([experiment], pipelineId).flatMap(({ role, version }) =>
      experiment.hosts.flatMap((id) => {
        const use = useOf(experiment, role, fleet, id);
        return use === undefined ? [] : [{ host: id, experimentId: experiment.id, role, version, ...use }];
      }),
    ),
  );
}

type Use = Pick<HostUse, 'configHash' | 'desired' | 'effective'>;

function useOf(
  experiment: Experiment,
  role: HostUse['role'],
  { hosts, orders }: Fleet,
  id: HostId,
): Use | undefined {
  const host = hosts.get(id);
  const configHash = host && hashFor(experiment, role, host);
  if (host === undefined || configHash === undefined) return undefined;
  const desired = names(orders.get(id)?.collectors, configHash);
  // An agent that has taken no order yet has not said what it runs.
  const effective = names(host.generation === 0 ? undefined : host.collectors, configHash);
  const isUsed = desired === 'yes' || effective === 'yes';
  return isUsed || !OVER.has(experiment.phase) ? { configHash, desired, effective } : undefined;
}

function names(collectors: readonly RunningCollector[] | undefined, hash: string): HostUse['desired'] {
  if (collectors === undefined) return 'no-data';
  return collectors.some(({ configHash }) => configHash === hash) ? 'yes' : 'no';
}

/** Undefined for a draft, and for what this version cannot render, which then runs nowhere. */
function hashFor(experiment: Experiment, role: HostUse['role'], { id, labels }: Host): string | undefined {
  const frozen = experiment[role];
  if (frozen === null) return undefined;
  const { criticalProcesses } = experiment.spec;
  try {
    return renderStored(frozen, { host: { id, labels }, criticalProcesses }).hash;
  } catch (error) {
    if (error instanceof PipelineError) return undefined;
    throw error;
  }
}
