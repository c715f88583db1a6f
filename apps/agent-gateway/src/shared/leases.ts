/** The table of leases, as one gateway uses it. */
export interface LeaseTable {
  round(names: readonly string[]): Promise<{
    readonly held: readonly { readonly name: string; readonly epoch: number }[];
    readonly surplus: number;
  }>;
  release(names: readonly string[]): Promise<void>;
  leave(): Promise<void>;
}

export interface LeaseParts {
  readonly table: LeaseTable;
  readonly names: readonly string[];
  readonly leaseMs: number;
  /**
   * The time in ms by several clocks; a lease is over when one of them says so. The monotonic clock stands still while
   * the machine sleeps, and the wall clock can be set back.
   */
  readonly clocks: () => readonly number[];
}

/** Told after each round: names of leases that came and went. What lapsed and was won back has gone and come. */
export interface LeaseChange {
  readonly lost: ReadonlySet<string>;
  readonly gained: ReadonlySet<string>;
}

interface Lease {
  readonly epoch: number;
  /** When it is over by each clock, unless it is renewed. */
  readonly until: readonly number[];
  readonly over: AbortController;
}

/** How much earlier than the database a gateway holds its lease to be over: clocks run at slightly different speeds. */
const MARGIN_MS = 1_000;

/**
 * What this gateway holds. A lease that could not be renewed in time is over here before another gateway can take it,
 * so a gateway that was frozen finds out before it does anything.
 */
export class Leases {
  private held = new Map<string, Lease>();

  constructor(private readonly parts: LeaseParts) {}

  /** The epoch of a lease that is held now; undefined when it is not. */
  epochOf(name: string): number | undefined {
    const lease = this.held.get(name);
    return lease === undefined || this.isOver(lease) ? undefined : lease.epoch;
  }

  /** How many leases are held now. */
  get count(): number {
    return [...this.held.values()].filter((lease) => !this.isOver(lease)).length;
  }

  /** Runs the work if the lease is held, with a signal that aborts once it is not. */
  async whileHeld(name: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const lease = this.held.get(name);
    if (lease !== undefined && !this.isOver(lease)) await work(lease.over.signal);
  }

  /** Renews what is held, takes what is free, gives back what is above the share. @throws errors of the table */
  async round(): Promise<LeaseChange> {
    const { table, names, leaseMs, clocks } = this.parts;
    const until = clocks().map((time) => time + leaseMs - MARGIN_MS);
    const lost = new Set(this.endWhere((lease) => this.isOver(lease)));
    const { held, surplus } = await table.round(names);
    const sorted = [...held].sort((a, b) => (a.name < b.name ? -1 : 1));
    const kept = new Map(sorted.slice(0, sorted.length - surplus).map(({ name, epoch }) => [name, epoch]));
    const isGone = (lease: Lease, name: string): boolean =>
      this.isOver(lease) || kept.get(name) !== lease.epoch;
    for (const name of this.endWhere(isGone)) lost.add(name);
    const gained = new Set<string>();
    for (const [name, epoch] of kept) {
      const before = this.held.get(name);
      if (before === undefined) gained.add(name);
      this.held.set(name, { epoch, until, over: before?.over ?? new AbortController() });
    }
    // Given back only now that this gateway holds itself for their holder no longer.
    if (surplus > 0) await table.release(sorted.slice(sorted.length - surplus).map(({ name }) => name));
    return { lost, gained };
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    this.endWhere(() => true);
    await this.parts.table.leave();
  }

  private isOver({ until }: Lease): boolean {
    return this.parts.clocks().some((time, i) => time >= (until[i] ?? 0));
  }

  private endWhere(isEnding: (lease: Lease, name: string) => boolean): readonly string[] {
    const ending = [...this.held].filter(([name, lease]) => isEnding(lease, name));
    for (const [name, lease] of ending) {
      this.held.delete(name);
      lease.over.abort();
    }
    return ending.map(([name]) => name);
  }
}
