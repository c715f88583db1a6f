/**
 * A 64-bit hash in two 32-bit lanes. JavaScript has no fast 64-bit integers, and a `bigint` per data point
 * would cost more than reading the point; so hashes stay two unsigned numbers and become one only at the edge.
 */
export type Hash64 = { readonly lo: number; readonly hi: number };

/** The hash as one unsigned 64-bit number. */
export function hashToBigInt(hash: Hash64): bigint {
  return (BigInt(hash.hi) << 32n) | BigInt(hash.lo);
}

const encoder = new TextEncoder();
let scratch = new Uint8Array(4096);

/**
 * Absorbs 64-bit words and finishes to a well mixed 64-bit hash. The round is a bijection of the state for each
 * word; the rounds and the finish are built from the constants of MurmurHash3 (Appleby, public domain).
 */
export class Hasher {
  private a = 0;
  private b = 0;

  /** Begins a hash of its own kind: equal content under another `kind` gives another hash. */
  start(kind: number): this {
    this.a = 0x2c1b3c6d ^ kind;
    this.b = 0x297a2d39 ^ (kind << 8);
    return this;
  }

  word(lo: number, hi: number): this {
    let a = Math.imul(this.a ^ lo, 0xcc9e2d51);
    let b = Math.imul(this.b ^ hi, 0x1b873593);
    a = (((a << 15) | (a >>> 17)) + b) | 0;
    b = (((b << 13) | (b >>> 19)) + a) | 0;
    this.a = (Math.imul(a, 5) + 0x561ccd1b) | 0;
    this.b = (Math.imul(b, 5) + 0x0bcaa747) | 0;
    return this;
  }

  bytes(bytes: Uint8Array, end: number): this {
    let at = 0;
    for (; at + 8 <= end; at += 8) this.word(wordAt(bytes, at, end), wordAt(bytes, at + 4, end));
    if (at < end) this.word(wordAt(bytes, at, end), wordAt(bytes, at + 4, end));
    return this.word(end, 0);
  }

  text(text: string): this {
    // UTF-8 takes at most three bytes for each UTF-16 unit.
    if (text.length * 3 > scratch.length) scratch = new Uint8Array(text.length * 3);
    return this.bytes(scratch, encoder.encodeInto(text, scratch).written);
  }

  /** The low lane of the finished hash; `high` completes it. Neither changes the state, and no bit is lost. */
  get low(): number {
    return mix((mix(this.a) + mix(this.b)) | 0) >>> 0;
  }

  get high(): number {
    return mix((mix(this.a) + 2 * mix(this.b)) | 0) >>> 0;
  }

  finish(): Hash64 {
    return { lo: this.low, hi: this.high };
  }
}

function wordAt(bytes: Uint8Array, at: number, end: number): number {
  let word = 0;
  for (let i = 0; i < 4 && at + i < end; i++) word |= (bytes[at + i] as number) << (8 * i);
  return word;
}

/** The finaliser of MurmurHash3: every input bit flips every output bit with probability near one half. */
function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
