import type { MetricGap } from '#lib/database';
import type { HostId, TenantId } from '#lib/events';
import type { Numbered } from './incoming-window.js';
import { arrived, unusable, type Gap, type GapReason, type Numbering } from './numbering.js';
import type { GapKey } from './window-store.js';

/** No id of a tenant or host looks like this: a hole of the stream itself is nobody's. */
const NOBODY = '-';
/** Stands for the epoch where numbers are sequences of the stream. */
const STREAM_EPOCH = 'METRICS';

type Outbox = Omit<Numbered, 'n'>;
type Book = { readonly outbox: Outbox; readonly before: Numbering; now: Numbering };

/** The numbering of every outbox that one batch touches, and what the batch changes in it. */
export class GapLedger {
  private readonly books = new Map<string, Book>();
  private readonly ofStream: MetricGap[] = [];

  constructor(private readonly at: string) {}

  /** Opens the book of an outbox as it was before the batch. */
  async open(outbox: Outbox, load: (outbox: Outbox) => Promise<Numbering>): Promise<void> {
    const key = keyOf(outbox);
    if (this.books.has(key)) return;
    const before = await load(outbox);
    this.books.set(key, { outbox, before, now: before });
  }

  arrived(from: Numbered): void {
    const book = this.book(from);
    book.now = arrived(book.now, from.n);
  }

  unusable(from: Numbered, reason: GapReason): void {
    const book = this.book(from);
    book.now = unusable(book.now, from.n, reason);
  }

  /** A message of a host that carries no number of its own. */
  unnumbered(tenant: TenantId, host: HostId, sequence: number): void {
    this.ofStream.push(
      this.streamGap({ tenant, host, fromN: sequence, toN: sequence, reason: 'unnumbered' }),
    );
  }

  /** The stream discarded messages before they were read. */
  discarded(fromN: number, toN: number): void {
    const nobody = { tenant: NOBODY as TenantId, host: NOBODY as HostId };
    this.ofStream.push(this.streamGap({ ...nobody, fromN, toN, reason: 'discarded by the stream' }));
  }

  opened(): readonly MetricGap[] {
    const own = [...this.books.values()].flatMap(({ outbox, before, now }) =>
      now.gaps.filter((gap) => !has(before.gaps, gap)).map((gap) => ({ ...outbox, ...gap, at: this.at })),
    );
    return [...own, ...this.ofStream];
  }

  closed(): readonly GapKey[] {
    return [...this.books.values()].flatMap(({ outbox, before, now }) =>
      before.gaps.filter((gap) => !has(now.gaps, gap)).map(({ fromN }) => ({ ...outbox, fromN })),
    );
  }

  /** The numbering of each outbox after the batch. */
  numberings(): readonly (readonly [string, Numbering])[] {
    return [...this.books].map(([key, { now }]) => [key, now] as const);
  }

  private book(from: Numbered): Book {
    const book = this.books.get(keyOf(from));
    if (book === undefined) throw new TypeError(`the book of ${keyOf(from)} was not opened`);
    return book;
  }

  private streamGap(gap: Omit<MetricGap, 'epoch' | 'at'>): MetricGap {
    return { ...gap, epoch: STREAM_EPOCH, at: this.at };
  }
}

/** Names an outbox. */
export function keyOf({ tenant, host, epoch }: Outbox): string {
  return `${tenant} ${host} ${epoch}`;
}

function has(gaps: readonly Gap[], { fromN, toN, reason }: Gap): boolean {
  return gaps.some((gap) => gap.fromN === fromN && gap.toN === toN && gap.reason === reason);
}
