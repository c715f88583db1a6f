import { hostDecider } from '#lib/domain';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId } from '#lib/events';
import { commandIdFrom, PoisonCommit, type HandlesCommands, type StoredMessage } from '#lib/platform';
import { hostCommandOf } from './host-command.js';
import { readUplink, type UplinkEnvelope } from './uplink-message.js';

/** The gateway's tables behind the uplink. */
export interface UplinkRecords {
  /** Highest number taken from an outbox; 0 at first. */
  highWater(outbox: Pick<UplinkEnvelope, 'tenant' | 'host' | 'epoch'>): Promise<number>;
  /** One transaction: what the message says, the outbox's high-water mark, and a hole before it. */
  record(envelope: UplinkEnvelope, missingFrom: number | undefined): Promise<void>;
}

/** Settles what a message stands for before it is recorded; safe to do twice. */
export interface Settles {
  settled(envelope: UplinkEnvelope): Promise<UplinkEnvelope>;
}

export interface IngestLog {
  /** `about` names the host that the line is about. */
  warn(about: string, line: string, fields: Readonly<Record<string, unknown>>): void;
}

/**
 * Takes what hosts report, each once: numbers at or below the high-water mark were handled before. The command comes
 * before the record, and its id comes from the number, so a crash between the two repeats a harmless command.
 */
export class UplinkIngest {
  constructor(
    private readonly records: UplinkRecords,
    private readonly commands: Pick<HandlesCommands, 'handle'>,
    private readonly log: IngestLog,
    private readonly arrivals: Settles = { settled: (envelope) => Promise.resolve(envelope) },
  ) {}

  /** Takes a message of a host, after those before it. @throws what may be over when it is tried again */
  async take(stored: StoredMessage): Promise<void> {
    const envelope = readUplink(stored);
    if (typeof envelope === 'string') {
      this.refuse(stored, envelope);
      return;
    }
    const highWater = await this.records.highWater(envelope);
    if (envelope.n <= highWater) return;
    await this.command(envelope);
    const missingFrom = envelope.n > highWater + 1 ? highWater + 1 : undefined;
    try {
      await this.records.record(await this.arrivals.settled(envelope), missingFrom);
    } catch (error) {
      if (!(error instanceof PoisonCommit)) throw error;
      // It can never be kept, and the host's later messages must not wait for it. The next number records the hole.
      this.refuse(stored, error.detail);
    }
  }

  private refuse({ subject }: StoredMessage, reason: string): void {
    this.log.warn(subject, 'uplink message refused', { subject, reason });
  }

  private async command(envelope: UplinkEnvelope): Promise<void> {
    const { tenant, host, epoch, n, message } = envelope;
    if (message.kind !== 'attempt') return;
    const command = hostCommandOf(message);
    if (command === undefined) return;
    const ref = { tenant, aggregate: 'host', id: host as string as AggregateId } as const;
    try {
      await this.commands.handle(hostDecider, ref, command, {
        commandId: commandIdFrom('uplink', tenant, host, epoch, String(n)),
        actor: { kind: 'host', id: host },
      });
    } catch (error) {
      // The host's rules refuse it, now and for ever: an old report after a revocation, for instance.
      if (!(error instanceof DomainError)) throw error;
      this.log.warn(`${tenant}.${host}`, 'report refused', { host, code: error.code });
    }
  }
}
