import type { Heartbeat, Hello } from '#lib/agent-protocol';
import type { HostHello, HostPresence, PresenceStore } from '#lib/database';
import { hostDecider, type HostCommand } from '#lib/domain';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId } from '#lib/events';
import { commandIdFrom, PoisonCommit, type Clock, type HandlesCommands } from '#lib/platform';
import { HostQueues } from '../shared/host-queues.js';
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
  /** Whether this gateway is the one that watches over the host. */
  readonly holds: (host: HostKey) => boolean;
}

/** Turns heartbeats into transitions, and transitions into one event each. */
export class PresenceService {
  private readonly queues = new HostQueues();
  private hellos = new Map<string, HostHello>();

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

  /** Notes that the host has connected. */
  hello({ tenant, host }: HostKey, { bootId, epoch, protocol, agentVersion, generation }: Hello): void {
    const at = this.parts.clock.iso();
    const row = { tenant, host, at, bootId, epoch, protocol, agentVersion, generation };
    this.hellos.set(`${tenant}.${host}`, row);
  }

  /** Finds hosts that have fallen silent. */
  async sweep(): Promise<void> {
    const { book, clock, holds } = this.parts;
    for (const transition of book.silent(clock.now(), holds)) await this.record(transition);
  }

  /** Stores the newest heartbeats and hellos, one statement for all; one that cannot be kept takes no other with it. */
  async flush(): Promise<void> {
    const { book, store } = this.parts;
    await this.keep(book.takeSightings().map(presenceRow), (rows) => store.save(rows));
    const hellos = this.hellos;
    this.hellos = new Map();
    try {
      await this.keep([...hellos.values()], (rows) => store.saveHellos(rows));
    } catch (error) {
      // Unlike a heartbeat, a hello does not come again by itself.
      this.hellos = new Map([...hellos, ...this.hellos]);
      throw error;
    }
  }

  private async keep<Row extends { readonly host: string }>(
    rows: readonly Row[],
    save: (rows: readonly Row[]) => Promise<void>,
  ): Promise<void> {
    try {
      await save(rows);
    } catch (error) {
      if (!(error instanceof PoisonCommit)) throw error;
      if (rows.length > 1) for (const row of rows) await this.keep([row], save);
      else this.parts.log.warn('sign of life cannot be kept', { host: rows[0]?.host, reason: error.detail });
    }
  }

  /** Transitions of one host are recorded in the order in which they were found. */
  private record(transition: Transition): Promise<void> {
    const { tenant, host } = transition.host;
    return this.queues.run(tenant, host, () => this.recordNow(transition));
  }

  private async recordNow(transition: Transition): Promise<void> {
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
  if (transition.kind === 'online')
    return { type: 'ReportHostOnline', at, bootId: transition.bootId, agentVersion: transition.agentVersion };
  const lastHeartbeatAt = new Date(transition.lastHeartbeatAt).toISOString();
  const type = transition.kind === 'suspect' ? 'ReportHostSuspect' : 'ReportHostOffline';
  return { type, at, lastHeartbeatAt };
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
    sentAt: heartbeat.at,
    generation: heartbeat.generation,
    outboxDropped: heartbeat.outbox.dropped ?? null,
    outboxFailure: heartbeat.outbox.failure ?? null,
    door: heartbeat.link?.door ?? null,
    linkServer: heartbeat.link?.server ?? null,
    linkRttMs: heartbeat.link?.rttMs ?? null,
    ingress: heartbeat.ingress ?? null,
  };
}
