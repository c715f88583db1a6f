import { hostDecider } from '#lib/domain';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId } from '#lib/events';
import { commandIdFrom, PoisonCommit, type HandlesCommands, type StoredMessage } from '#lib/platform';
import { hostCommandOf } from './host-command.js';
import { readUplink, type UplinkEnvelope } from './uplink-message.js';

/** The gateway's tables behind the uplink. */
export interface UplinkRecords {
  /** Sequence of UPLINK up to which everything has been handled; 0 at first. */
  position(): Promise<number>;
  /** Highest number taken from an outbox; 0 at first. */
  highWater(outbox: Pick<UplinkEnvelope, 'tenant' | 'host' | 'epoch'>): Promise<number>;
  /** One transaction: what the message says, the outbox's high-water mark, the position, and a hole before it. */
  record(envelope: UplinkEnvelope, sequence: number, missingFrom: number | undefined): Promise<void>;
  /** Moves the position past a message that has nothing to record. */
  skip(sequence: number): Promise<void>;
}

export interface IngestLog {
  warn(line: string, fields: Readonly<Record<string, unknown>>): void;
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
  ) {}

  /** Sequence of UPLINK behind which reading goes on. */
  position(): Promise<number> {
    return this.records.position();
  }

  async take(stored: StoredMessage): Promise<void> {
    const envelope = readUplink(stored);
    if (typeof envelope === 'string') {
      this.log.warn('uplink message refused', { subject: stored.subject, reason: envelope });
      return this.records.skip(stored.sequence);
    }
    const highWater = await this.records.highWater(envelope);
    if (envelope.n <= highWater) return this.records.skip(stored.sequence);
    await this.command(envelope);
    const missingFrom = envelope.n > highWater + 1 ? highWater + 1 : undefined;
    try {
      await this.records.record(envelope, stored.sequence, missingFrom);
    } catch (error) {
      if (!(error instanceof PoisonCommit)) throw error;
      // It can never be kept, and one host must not hold up the others. The next number records the hole.
      this.log.warn('uplink message refused', { subject: stored.subject, reason: error.detail });
      await this.records.skip(stored.sequence);
    }
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
      this.log.warn('report refused', { host, code: error.code });
    }
  }
}
