import {
  experimentDecider,
  hostDecider,
  isStarted,
  type ExperimentState,
  type HostState,
  type StartedExperiment,
} from '#lib/domain';
import type { AggregateId, HostId, Position, StoredCommit, TenantId } from '#lib/events';
import { NO_POSITION } from '#lib/events';

/** An experiment that has been started, with the place of its start in the stream. */
export interface KnownExperiment {
  readonly tenant: TenantId;
  readonly id: AggregateId;
  readonly state: ExperimentState;
  /** Position of the newest start; a later start takes a host over from an earlier one. */
  readonly startedAt: Position;
}

export interface KnownHost {
  readonly tenant: TenantId;
  readonly id: HostId;
  readonly state: HostState;
}

/** An experiment that gives orders. */
export type OwningExperiment = KnownExperiment & { readonly state: StartedExperiment };

/** What one commit touched. */
export interface BookChange {
  readonly experiment?: KnownExperiment;
  readonly host?: KnownHost;
}

/**
 * All experiments and hosts as the commits tell them, folded in memory: the gateway's own read model. It is rebuilt
 * from the stream at every start, so there is nothing to keep in step.
 */
export class FleetBook {
  private readonly experiments = new Map<string, KnownExperiment>();
  private readonly hosts = new Map<string, KnownHost>();
  private readonly retired = new Set<string>();
  private newest: Position = NO_POSITION;

  get position(): Position {
    return this.newest;
  }

  /** Folds one commit; answers what it changed. Commits must come in stream order. */
  apply(commit: StoredCommit): BookChange {
    this.newest = commit.position;
    switch (commit.aggregate) {
      case 'experiment':
        return { experiment: this.applyToExperiment(commit as StoredCommit<'experiment'>) };
      case 'host':
        return { host: this.applyToHost(commit as StoredCommit<'host'>) };
      case 'pipeline':
        return {};
    }
  }

  experiment(tenant: TenantId, id: AggregateId): KnownExperiment | undefined {
    return this.experiments.get(key(tenant, id));
  }

  host(tenant: TenantId, id: HostId): KnownHost | undefined {
    return this.hosts.get(key(tenant, id));
  }

  allHosts(): IterableIterator<KnownHost> {
    return this.hosts.values();
  }

  /** Whether the host is online or suspect by the events, whichever gateway watches over it. */
  isReachable(tenant: TenantId, host: HostId): boolean {
    const phase = this.host(tenant, host)?.state.phase;
    return phase === 'online' || phase === 'suspect';
  }

  /** Hosts that are online or suspect by the events, with the agent that spoke for them last. */
  reachableHosts() {
    return [...this.hosts.values()].flatMap(({ tenant, id, state }) => {
      if (state.phase !== 'online' && state.phase !== 'suspect') return [];
      const { bootId = '', agentVersion = '', phase } = state;
      return [{ tenant, host: id, phase, session: { bootId, agentVersion } }];
    });
  }

  /** Public keys of credentials that hold no longer: their host was revoked, or got another. */
  retiredKeys(): ReadonlySet<string> {
    return this.retired;
  }

  allExperiments(): IterableIterator<KnownExperiment> {
    return this.experiments.values();
  }

  /**
   * The experiment whose orders a host follows: of those that ever targeted it, the one started last. Once that one is
   * archived nobody has a say, and the host keeps what it runs; an older experiment must not take it back.
   */
  ownerOf(tenant: TenantId, host: HostId): OwningExperiment | undefined {
    let newest: KnownExperiment | undefined;
    for (const experiment of this.experiments.values()) {
      if (experiment.tenant !== tenant || !targets(experiment.state, host)) continue;
      if (newest === undefined || experiment.startedAt > newest.startedAt) newest = experiment;
    }
    return newest !== undefined && isStarted(newest.state) ? { ...newest, state: newest.state } : undefined;
  }

  private applyToExperiment(commit: StoredCommit<'experiment'>): KnownExperiment {
    const known = this.experiments.get(key(commit.tenant, commit.id));
    const state = commit.events.reduce<ExperimentState>(
      (before, event) => experimentDecider.evolve(before, event),
      known?.state ?? experimentDecider.initialState(),
    );
    const started = commit.events.some((event) => event.type === 'ExperimentStarted');
    const startedAt = started ? commit.position : (known?.startedAt ?? NO_POSITION);
    const updated: KnownExperiment = { tenant: commit.tenant, id: commit.id, state, startedAt };
    this.experiments.set(key(commit.tenant, commit.id), updated);
    return updated;
  }

  private applyToHost(commit: StoredCommit<'host'>): KnownHost {
    const id = commit.id as string as HostId;
    const known = this.hosts.get(key(commit.tenant, id));
    const state = commit.events.reduce<HostState>((before, event) => {
      const after = hostDecider.evolve(before, event);
      this.retire(before, after);
      return after;
    }, known?.state ?? hostDecider.initialState());
    const updated: KnownHost = { tenant: commit.tenant, id, state };
    this.hosts.set(key(commit.tenant, id), updated);
    return updated;
  }

  private retire(before: HostState, after: HostState): void {
    if (after.phase === 'absent') return;
    const held = [...keysOf(before), ...keysOf(after)];
    const holds = after.phase === 'revoked' ? [] : keysOf(after);
    for (const publicKey of held) if (!holds.includes(publicKey)) this.retired.add(publicKey);
  }
}

/** Public keys by which a host may come: its present one, and those that may follow it. */
function keysOf(state: HostState): readonly string[] {
  return state.phase === 'absent' ? [] : [state.publicKey, ...(state.rotation?.issued ?? [])];
}

function targets(state: ExperimentState, host: HostId): boolean {
  return 'run' in state && state.run.hosts.includes(host);
}

/** Names one host or experiment across tenants. */
export function key(tenant: TenantId, id: string): string {
  return `${tenant}.${id}`;
}
