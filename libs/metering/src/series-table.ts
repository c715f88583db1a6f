import { MAX_EXACT_SERIES } from './limits.js';

const FIRST_CAPACITY = 2_048;

/** What the meter keeps about one series; names are indices of a `NameRegistry`. */
export type SeriesEntry = {
  readonly lo: number;
  readonly hi: number;
  readonly metric: number;
  readonly executable: number;
};

/**
 * An exact set of series identities with open addressing, half full at most. It holds up to `MAX_EXACT_SERIES`;
 * later ones are refused, so that a series is always either in the table or never was.
 */
export class SeriesTable {
  private capacity = FIRST_CAPACITY;
  private lo = new Uint32Array(FIRST_CAPACITY);
  private hi = new Uint32Array(FIRST_CAPACITY);
  /** The number of the window that touched the series last; 0 marks an empty slot. */
  private touched = new Int32Array(FIRST_CAPACITY);
  private metric = new Uint16Array(FIRST_CAPACITY);
  private executable = new Uint16Array(FIRST_CAPACITY);
  private count = 0;

  get size(): number {
    return this.count;
  }

  has(lo: number, hi: number): boolean {
    return this.touched[this.slotOf(lo, hi)] !== 0;
  }

  /** The slot where the series is, or the empty one where it would be. */
  slotOf(lo: number, hi: number): number {
    const mask = this.capacity - 1;
    let slot = hi & mask;
    while (this.touched[slot] !== 0 && (this.lo[slot] !== lo || this.hi[slot] !== hi))
      slot = (slot + 1) & mask;
    return slot;
  }

  isEmpty(slot: number): boolean {
    return this.touched[slot] === 0;
  }

  executableAt(slot: number): number {
    return this.executable[slot] as number;
  }

  /** Marks the series of a taken slot as seen in `window` (1 or more); true the first time in that window. */
  touch(slot: number, window: number): boolean {
    if (this.touched[slot] === window) return false;
    this.touched[slot] = window;
    return true;
  }

  /** Adds a series that is not in the table. False, and nothing happens, where the table is full. */
  add(entry: SeriesEntry, window: number): boolean {
    if (this.count >= MAX_EXACT_SERIES) return false;
    if (this.count * 2 >= this.capacity) this.grow();
    this.put(entry, window);
    this.count++;
    return true;
  }

  *entries(): IterableIterator<SeriesEntry> {
    for (let slot = 0; slot < this.capacity; slot++) if (this.touched[slot] !== 0) yield this.entryAt(slot);
  }

  private entryAt(slot: number): SeriesEntry {
    return {
      lo: this.lo[slot] as number,
      hi: this.hi[slot] as number,
      metric: this.metric[slot] as number,
      executable: this.executable[slot] as number,
    };
  }

  private put(entry: SeriesEntry, window: number): void {
    const slot = this.slotOf(entry.lo, entry.hi);
    this.lo[slot] = entry.lo;
    this.hi[slot] = entry.hi;
    this.touched[slot] = window;
    this.metric[slot] = entry.metric;
    this.executable[slot] = entry.executable;
  }

  private grow(): void {
    const old = [...this.entries()];
    const windows = this.touched.filter((window) => window !== 0);
    this.capacity *= 2;
    this.lo = new Uint32Array(this.capacity);
    this.hi = new Uint32Array(this.capacity);
    this.touched = new Int32Array(this.capacity);
    this.metric = new Uint16Array(this.capacity);
    this.executable = new Uint16Array(this.capacity);
    old.forEach((entry, i) => this.put(entry, windows[i] as number));
  }
}
