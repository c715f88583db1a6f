import type { StartedExperiment } from '#lib/domain';
import type { HostId, RunningCollector, TenantId } from '#lib/events';
import { PipelineError } from '#lib/pipelines';
import { desiredStateOf } from '../shared/desired.js';
import type { FleetBook, KnownHost } from '../shared/fleet-book.js';

interface Known {
  /** The host as it was when this was worked out; a later state of it is another object. */
  readonly host: KnownHost;
  readonly collectors: readonly RunningCollector[] | undefined;
}

/**
 * What hosts are to run, worked out from the log of events alone, so that a gateway knows it also of the hosts of
 * others. Rendering takes time and the same question comes with every sweep, so answers are kept until the experiment
 * or the host changes.
 */
export class WantedCollectors {
  private readonly known = new WeakMap<StartedExperiment, Map<string, Known>>();

  constructor(private readonly book: FleetBook) {}

  /** Nothing when nobody gives the host orders, undefined when they cannot be rendered. */
  of(tenant: TenantId, id: HostId): readonly RunningCollector[] | undefined {
    const owner = this.book.ownerOf(tenant, id);
    const host = this.book.host(tenant, id);
    if (owner === undefined || host === undefined || host.state.phase === 'absent') return [];
    const byHost = this.known.get(owner.state) ?? new Map<string, Known>();
    this.known.set(owner.state, byHost);
    const before = byHost.get(id);
    if (before?.host === host) return before.collectors;
    const collectors = collectorsOf(owner.id, owner.state, { id, labels: host.state.labels });
    byHost.set(id, { host, collectors });
    return collectors;
  }
}

function collectorsOf(
  ...experiment: Parameters<typeof desiredStateOf>
): readonly RunningCollector[] | undefined {
  try {
    return desiredStateOf(...experiment).content.collectors;
  } catch (error) {
    if (error instanceof PipelineError) return undefined;
    throw error;
  }
}
