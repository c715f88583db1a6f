import type { Heartbeat } from '#lib/agent-protocol';
import type { HostPresence, PresenceStore } from '#lib/database';
import { hostDecider, type HostCommand } from '#lib/domain';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId } from '#lib/events';
import { commandIdFrom, PoisonCommit, type Clock, type HandlesCommands } from '#lib/platform';
import type { HostKey, PresenceBook, Sighting, Transition } from './presence-book.js';

export interface PresenceLog {
  warn(line: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface PresenceParts {
  readonly book: PresenceBook;
  readonly store: PresenceStore;
  readonly commands: HandlesCommands;
  readonly clock: Clock;
  readonly log: PresenceLog;
}

/** Turns heartbeats into transitions, and transitions into one event each. */
export class PresenceService {
  constructor(private readonly parts: PresenceParts) {}

  /** Notes a heartbeat. The host is the one of the subject; a body that names another is not believed. */
  async heard(from: HostKey, heartbeat: Heartbeat): Promise<void> {
    if (heartbeat.host !== from.host) {
      this.parts.log.warn('heartbeat names another host', { host: from.host });
      return;
    }
    const sighting: Sighting = { ...from, heartbeat, heardAt: this.parts.clock.now() };
    const transition = this.parts.book.heard(sighting);
    if (transition !== undefined) await this.record(transition);
  }

  /** Finds hosts that have fallen silent. */
  async sweep(): Promise<void> {
    for (const transition of this.parts.book.silent(this.parts.clock.now())) await this.record(transition);
  }

  /** Stores the newest heartbeats, one statement for all; one that cannot be kept takes no other with it. */
  async flush(): Promise<void> {
    const rows = this.parts.book.takeSightings().map(presenceRow);
    try {
      await this.parts.store.save(rows);
    } catch (error) {
      if (!(error instanceof PoisonCommit)) throw error;
      for (const row of rows) await this.saveAlone(row);
    }
  }

  private async saveAlone(row: HostPresence): Promise<void> {
    try {
      await this.parts.store.save([row]);
    } catch (error) {
      if (!(error instanceof PoisonCommit)) throw error;
      this.parts.log.warn('heartbeat cannot be kept', { host: row.host, reason: error.detail });
    }
  }

  private async record(transition: Transition): Promise<void> {
    const { tenant, host } = transition.host;
    const ref = { tenant, aggregate: 'host', id: host as string as AggregateId } as const;
    const at = this.parts.clock.iso();
    try {
      await this.parts.commands.handle(hostDecider, ref, commandOf(transition, at), {
        commandId: commandIdFrom('presence', tenant, host, transition.kind, at),
        actor: { kind: 'service', id: 'agent-gateway' },
      });
    } catch (error) {
      if (error instanceof DomainError) {
        this.parts.log.warn('transition refused', { host, kind: transition.kind, code: error.code });
        return;
      }
      this.parts.book.revert(transition);
      throw error;
    }
  }
}

function commandOf(transition: Transition, at: string): HostCommand {
  return transition.kind === 'online'
    ? { type: 'ReportHostOnline', at, bootId: transition.bootId, agentVersion: transition.agentVersion }
    : { type: 'ReportHostOffline', at, lastHeartbeatAt: new Date(transition.lastHeartbeatAt).toISOString() };
}

function presenceRow({ tenant, host, heardAt, heartbeat }: Sighting): HostPresence {
  return {
    tenant,
    host,
    bootId: heartbeat.bootId,
    lastHeartbeatAt: new Date(heardAt).toISOString(),
    agentCpuPercent: heartbeat.agent.cpuPercent,
    agentRssBytes: heartbeat.agent.rssBytes,
    outboxResults: heartbeat.outbox.results,
    outboxMetrics: heartbeat.outbox.metrics,
    collectors: heartbeat.collectors,
  };
}
