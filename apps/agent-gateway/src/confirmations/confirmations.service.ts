import { experimentDecider, isStarted } from '#lib/domain';
import { DomainError } from '#lib/domain-kernel';
import type { HostId, RunningCollector, TenantId } from '#lib/events';
import { commandIdFrom, type Clock, type HandlesCommands } from '#lib/platform';
import type { FleetBook, KnownExperiment } from '../shared/fleet-book.js';
import { awaitsHosts, confirmationOf, type TargetHost } from './settled.js';
import type { WantedCollectors } from './wanted.js';

export interface ConfirmationParts {
  readonly book: FleetBook;
  readonly commands: HandlesCommands;
  readonly clock: Clock;
  readonly wanted: WantedCollectors;
}

/**
 * Ends the waiting of promotions, rollbacks and stops once every reachable host runs what it should. An experiment
 * spans the hosts of several gateways, so each of them looks at all, and whoever is first has said it.
 */
export class ConfirmationsService {
  constructor(private readonly parts: ConfirmationParts) {}

  async sweep(): Promise<void> {
    for (const experiment of this.parts.book.allExperiments()) await this.confirm(experiment);
  }

  private async confirm({ tenant, id, state, startedAt }: KnownExperiment): Promise<void> {
    if (!isStarted(state) || !awaitsHosts(state)) return;
    const command = confirmationOf(
      state,
      state.run.hosts.map((host) => this.target(tenant, host)),
      this.parts.clock.iso(),
    );
    if (command === undefined) return;
    try {
      await this.parts.commands.handle(experimentDecider, { tenant, aggregate: 'experiment', id }, command, {
        commandId: commandIdFrom('confirm', tenant, id, command.type, String(startedAt)),
        actor: { kind: 'service', id: 'agent-gateway' },
      });
    } catch (error) {
      // Another gateway or a person was faster; the book learns of it with the next commit.
      if (!(error instanceof DomainError)) throw error;
    }
  }

  private target(tenant: TenantId, host: HostId): TargetHost {
    const known = this.parts.book.host(tenant, host)?.state;
    const running: readonly RunningCollector[] =
      known === undefined || known.phase === 'absent' ? [] : known.configuration.collectors;
    const wanted = this.parts.wanted.of(tenant, host);
    // A host that cannot be ordered anything is as far away as one that is offline.
    const online = this.parts.book.isReachable(tenant, host) && wanted !== undefined;
    return { id: host, online, running, wanted: wanted ?? [] };
  }
}
