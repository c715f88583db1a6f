import { INTERN_BYTES, INTERN_ENTRIES, INTERN_LONGEST } from './limits.js';

const SLOTS = INTERN_ENTRIES * 2;
const FIRST_ARENA = 64 * 1024;

/**
 * Remembers the value made from each distinct byte string, so that the attributes that repeat in every
 * request are decoded and hashed once. Memory is bounded by `limits.ts`: a full table starts again.
 */
export class ByteInterner<T> {
  private readonly slots = new Int32Array(SLOTS);
  private readonly hashes = new Int32Array(INTERN_ENTRIES);
  private readonly starts = new Int32Array(INTERN_ENTRIES + 1);
  private readonly values: T[] = [];
  private arena = new Uint8Array(FIRST_ARENA);

  /** `make` builds the value of `bytes[start, end)`; it is called at most once while the bytes are remembered. */
  constructor(private readonly make: (start: number, end: number) => T) {}

  /** The value of `bytes[start, end)`. */
  get(bytes: Uint8Array, start: number, end: number): T {
    const length = end - start;
    if (length > INTERN_LONGEST) return this.make(start, end);
    const hash = hashOf(bytes, start, end);
    let slot = hash & (SLOTS - 1);
    for (;;) {
      const entry = (this.slots[slot] as number) - 1;
      if (entry < 0) return this.add(bytes, start, end, hash);
      if (this.hashes[entry] === hash && this.holds(entry, bytes, start, length))
        return this.values[entry] as T;
      slot = (slot + 1) & (SLOTS - 1);
    }
  }

  private holds(entry: number, bytes: Uint8Array, start: number, length: number): boolean {
    const from = this.starts[entry] as number;
    if ((this.starts[entry + 1] as number) - from !== length) return false;
    for (let i = 0; i < length; i++) if (this.arena[from + i] !== bytes[start + i]) return false;
    return true;
  }

  // Kept off the hot path: runs once per distinct byte string.
  private add(bytes: Uint8Array, start: number, end: number, hash: number): T {
    const value = this.make(start, end);
    const used = this.reserve(end - start);
    const entry = this.values.length;
    this.arena.set(bytes.subarray(start, end), used);
    this.starts[entry + 1] = used + end - start;
    this.hashes[entry] = hash;
    this.values.push(value);
    let slot = hash & (SLOTS - 1);
    while (this.slots[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
    this.slots[slot] = entry + 1;
    return value;
  }

  private reserve(length: number): number {
    const used = this.starts[this.values.length] as number;
    if (this.values.length >= INTERN_ENTRIES || used + length > INTERN_BYTES) {
      this.slots.fill(0);
      this.values.length = 0;
      return 0;
    }
    if (used + length > this.arena.length) {
      const larger = new Uint8Array(this.arena.length * 2);
      larger.set(this.arena);
      this.arena = larger;
    }
    return used;
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
