import { CodecError, decodeCommit, NO_POSITION } from '#lib/events';
import type { EventStore } from '#lib/platform';
import type { BookChange, FleetBook } from './fleet-book.js';

export interface FollowerLog {
  error(line: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Keeps the fleet book in step with EVENTS. */
export class FleetFollower {
  private caughtUpAt: number | undefined;
  /** Commits that could not be read. Their aggregates stay as they were, and readiness says so. */
  readonly unreadable: string[] = [];

  constructor(
    private readonly store: EventStore,
    private readonly book: FleetBook,
    private readonly log: FollowerLog,
  ) {}

  /** True once everything that was stored before the start has been folded. */
  get caughtUp(): boolean {
    return this.caughtUpAt !== undefined && this.book.position >= this.caughtUpAt;
  }

  /**
   * Folds all commits and then the new ones until the signal aborts. `onChange` hears of nothing while the past is
   * being read: an experiment that ended long ago must not move a host; `onCaughtUp` is called once instead.
   */
  async follow(
    signal: AbortSignal,
    on: { readonly caughtUp: () => void; readonly change: (change: BookChange) => void },
  ): Promise<void> {
    const head = await this.store.head();
    this.caughtUpAt = head;
    if (head === NO_POSITION) on.caughtUp();
    for await (const { subject, position, bytes } of this.store.read({ after: NO_POSITION, signal })) {
      const change = this.fold(subject, bytes, position);
      if (position === head) on.caughtUp();
      else if (position > head && change !== undefined) on.change(change);
    }
  }

  private fold(
    subject: string,
    bytes: Uint8Array,
    position: Parameters<typeof decodeCommit>[1],
  ): BookChange | undefined {
    // What follows an unreadable commit of an aggregate would be folded onto the wrong state.
    if (this.unreadable.includes(subject)) return undefined;
    try {
      return this.book.apply(decodeCommit(bytes, position));
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.unreadable.push(subject);
      this.log.error('commit cannot be read', { subject, position, code: error.code });
      return undefined;
    }
  }
}
