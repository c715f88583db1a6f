import type { Clock, StoredMessage } from '#lib/platform';
import type { MetricWindow } from '#lib/database';
import { GapLedger, keyOf } from './gap-ledger.js';
import { readIncoming, type Incoming, type Numbered } from './incoming-window.js';
import type { Log } from '../shared/log.js';
import type { GapReason, Numbering } from './numbering.js';
import type { StoredWindow, WindowStore } from './window-store.js';

/** What became of a message. */
export type IngestOutcome = 'stored' | 'replayed' | GapReason | 'unnumbered' | 'foreign';

export interface WindowIngestParts {
  readonly store: WindowStore;
  readonly clock: Pick<Clock, 'iso'>;
  readonly log: Log;
  /** Told of every window once it is in its row. */
  readonly onStored: (window: StoredWindow) => void;
  readonly count: (outcome: IngestOutcome, messages: number) => void;
}

/** Turns messages of METRICS into rows. The place in the stream moves in the transaction of the rows. */
export class WindowIngest {
  private readonly numberings = new Map<string, Numbering>();
  private after = 0;

  constructor(private readonly parts: WindowIngestParts) {}

  /** Sequence of the last message that is in the rows. */
  get position(): number {
    return this.after;
  }

  /** Reads the checkpoint and what hosts showed last. @returns the sequence after which to read on */
  async begin(): Promise<number> {
    this.numberings.clear();
    this.after = await this.parts.store.position();
    for (const window of await this.parts.store.newestWindows()) this.parts.onStored(window);
    return this.after;
  }

  /** Takes messages in the order of the stream; all or nothing. @throws CursorMoved, errors of the database */
  async take(messages: readonly StoredMessage[]): Promise<void> {
    const last = messages.at(-1)?.sequence;
    if (last === undefined) return;
    const { store, clock, onStored, count } = this.parts;
    const at = clock.iso();
    const read = messages.map((message) => ({ sequence: message.sequence, incoming: readIncoming(message) }));
    const ledger = new GapLedger(at);
    this.noteDiscarded(read, ledger);
    for (const { sequence, incoming } of read) await this.enter(ledger, incoming, sequence);
    const windows = read.flatMap(({ incoming }) => rowOf(incoming, at));
    const written = await store.write({
      windows,
      openedGaps: ledger.opened(),
      closedGaps: ledger.closed(),
      after: this.after,
      last,
      at,
    });
    this.after = last;
    for (const [key, numbering] of ledger.numberings()) this.numberings.set(key, numbering);
    for (const window of written) onStored(window);
    for (const { incoming, sequence } of read) this.tellRefused(incoming, sequence);
    count('stored', written.length);
    count('replayed', windows.length - written.length);
  }

  /** Nothing is filtered, so a jump of the sequence means that messages are gone before anybody read them. */
  private noteDiscarded(read: readonly { readonly sequence: number }[], ledger: GapLedger): void {
    let expected = this.after + 1;
    for (const { sequence } of read) {
      if (sequence > expected) {
        ledger.discarded(expected, sequence - 1);
        this.parts.log.warn('windows were discarded unread', { from: expected, to: sequence - 1 });
      }
      expected = sequence + 1;
    }
  }

  private async enter(ledger: GapLedger, incoming: Incoming, sequence: number): Promise<void> {
    switch (incoming.kind) {
      case 'window':
        await this.open(ledger, incoming.from);
        ledger.arrived(incoming.from);
        return;
      case 'unusable':
        await this.open(ledger, incoming.from);
        ledger.unusable(incoming.from, incoming.reason);
        return;
      case 'unnumbered':
        ledger.unnumbered(incoming.tenant, incoming.host, sequence);
        return;
      case 'foreign':
    }
  }

  private open(ledger: GapLedger, from: Numbered): Promise<void> {
    return ledger.open(
      { tenant: from.tenant, host: from.host, epoch: from.epoch },
      async (outbox) => this.numberings.get(keyOf(outbox)) ?? (await this.parts.store.numberingOf(outbox)),
    );
  }

  private tellRefused(incoming: Incoming, sequence: number): void {
    if (incoming.kind === 'window') return;
    const outcome = incoming.kind === 'unusable' ? incoming.reason : incoming.kind;
    this.parts.count(outcome, 1);
    this.parts.log.warn('window refused', { ...hostOf(incoming), sequence, outcome });
  }
}

function hostOf(incoming: Exclude<Incoming, { kind: 'window' }>) {
  switch (incoming.kind) {
    case 'unusable':
      return incoming.from;
    case 'unnumbered':
      return { tenant: incoming.tenant, host: incoming.host };
    case 'foreign':
      return {};
  }
}

function rowOf(incoming: Incoming, at: string): readonly StoredWindow[] {
  if (incoming.kind !== 'window') return [];
  const { from, experimentId, message, payload } = incoming;
  const row: MetricWindow = {
    ...from,
    start: new Date(message.start).toISOString(),
    experimentId,
    payload: Buffer.from(payload),
    receivedAt: at,
  };
  return [{ row, message }];
}
