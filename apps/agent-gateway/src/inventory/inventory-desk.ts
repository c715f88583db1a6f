import type { Inventory } from '#lib/agent-protocol';
import { hostDecider, sameJson } from '#lib/domain';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId, HostId, TenantId } from '#lib/events';
import { commandIdFrom, type Clock, type HandlesCommands } from '#lib/platform';
import { key, type FleetBook } from '../shared/fleet-book.js';

export interface InventoryParts {
  readonly book: FleetBook;
  readonly commands: HandlesCommands;
  readonly clock: Clock;
  readonly warn: (line: string, fields: Readonly<Record<string, unknown>>) => void;
}

interface Told {
  readonly tenant: TenantId;
  readonly host: HostId;
  readonly inventory: Inventory;
}

/** One host's inventory becomes an event no more often than this, whatever the host tells. */
const PACE_MS = 60_000;

/** What hosts say they are made of. Only what differs from what is known becomes an event. */
export class InventoryDesk {
  private readonly told = new Map<string, Told>();
  private readonly recordedAt = new Map<string, number>();

  constructor(private readonly parts: InventoryParts) {}

  /** Keeps what a host told until the next sweep; its last word counts. */
  tell({ tenant, host }: Pick<Told, 'tenant' | 'host'>, inventory: Inventory): void {
    this.told.set(key(tenant, host), { tenant, host, inventory });
  }

  /** Records what is new. What could not be recorded stays for the next sweep. */
  async sweep(): Promise<void> {
    const now = this.parts.clock.now();
    for (const [name, at] of this.recordedAt) if (now - at >= PACE_MS) this.recordedAt.delete(name);
    for (const [name, told] of [...this.told]) {
      if (!this.isKnown(told)) {
        if (this.recordedAt.has(name)) continue;
        await this.record(told);
        this.recordedAt.set(name, now);
      }
      // Something newer may have come while it was recorded.
      if (this.told.get(name) === told) this.told.delete(name);
    }
  }

  private isKnown({ tenant, host, inventory }: Told): boolean {
    const state = this.parts.book.host(tenant, host)?.state;
    return state !== undefined && state.phase !== 'absent' && sameJson(state.inventory, inventory);
  }

  private async record({ tenant, host, inventory }: Told): Promise<void> {
    const at = this.parts.clock.iso();
    const ref = { tenant, aggregate: 'host', id: host as string as AggregateId } as const;
    try {
      await this.parts.commands.handle(
        hostDecider,
        ref,
        { type: 'ReportInventory', at, inventory },
        {
          commandId: commandIdFrom('inventory', tenant, host, at),
          actor: { kind: 'host', id: host },
        },
      );
    } catch (error) {
      // Of a host that is not known, or not any more.
      if (!(error instanceof DomainError)) throw error;
      this.parts.warn('inventory refused', { host, code: error.code });
    }
  }
}
