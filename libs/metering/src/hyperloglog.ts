import type { Hash64 } from '#lib/otlp';
import { MeteringError } from './errors.js';

/** Hash bits that follow the register index; 50 keeps every register below 52, so that it fits one letter. */
const RANK_BITS = 50;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** The register value of each letter by its code; digits come before all letters. */
const RANK_OF_CODE = new Uint8Array(128).map((_, code) => LETTERS.indexOf(String.fromCharCode(code)) + 1);
const ZERO = '0'.charCodeAt(0);
const NINE = '9'.charCodeAt(0);
const TEXT = /^(\d{1,2}):([0-9A-Za-z]*)$/;

/**
 * HyperLogLog (Flajolet et al. 2007) over 64-bit hashes with the improved raw estimator of Ertl,
 * "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6: it needs neither a
 * linear-counting switch nor bias tables. A union is the larger of each register, so adding twice changes nothing.
 */
export class HyperLogLog {
  private readonly registers: Uint8Array;

  /** `precision` p gives 2^p registers of one byte; 4 to 16. */
  constructor(readonly precision: number) {
    this.registers = new Uint8Array(1 << precision);
  }

  /** The relative standard error of `estimate`, at any size (1.04 / sqrt(registers), at most). */
  get standardError(): number {
    return 1.04 / Math.sqrt(this.registers.length);
  }

  add({ lo, hi }: Hash64): void {
    const index = lo >>> (32 - this.precision);
    // The rank comes from the other lane first, so it does not depend on the index.
    const rest = (lo << this.precision) >>> 0;
    const rank = Math.min(hi !== 0 ? Math.clz32(hi) : 32 + Math.clz32(rest), RANK_BITS) + 1;
    if (rank > (this.registers[index] as number)) this.registers[index] = rank;
  }

  /** Takes the union with a sketch of the same precision. */
  merge(other: HyperLogLog): this {
    if (other.precision !== this.precision) throw new MeteringError('bad-sketch', 'precisions differ');
    for (let i = 0; i < this.registers.length; i++) {
      const theirs = other.registers[i] as number;
      if (theirs > (this.registers[i] as number)) this.registers[i] = theirs;
    }
    return this;
  }

  /** The estimated number of distinct hashes added. */
  estimate(): number {
    const count = this.registers.length;
    const histogram = new Array<number>(RANK_BITS + 2).fill(0);
    for (const register of this.registers) histogram[register] = (histogram[register] as number) + 1;
    let z = count * tau(1 - (histogram[RANK_BITS + 1] as number) / count);
    for (let k = RANK_BITS; k >= 1; k--) z = 0.5 * (z + (histogram[k] as number));
    z += count * sigma((histogram[0] as number) / count);
    return (count * count) / (2 * Math.LN2 * z);
  }

  /**
   * The sketch as text: precision, then registers as letters and runs of zeros as decimal numbers
   * (`14:31C4A…`). Short for few values, and it deflates to nearly its entropy for many.
   */
  toText(): string {
    const parts: string[] = [];
    let zeros = 0;
    for (const register of this.registers) {
      if (register === 0) zeros++;
      else {
        if (zeros > 0) parts.push(String(zeros));
        parts.push(LETTERS.charAt(register - 1));
        zeros = 0;
      }
    }
    if (zeros > 0) parts.push(String(zeros));
    return `${this.precision}:${parts.join('')}`;
  }

  /** True where `fromText` would give a sketch of this precision. */
  static isText(text: string, precision: number): boolean {
    try {
      return HyperLogLog.fromText(text).precision === precision;
    } catch {
      return false;
    }
  }

  /** Reads `toText`. Throws `MeteringError` `bad-sketch`. */
  static fromText(text: string): HyperLogLog {
    const [, precisionText = '', body = ''] = TEXT.exec(text) ?? [];
    const precision = Number(precisionText);
    if (precision < 4 || precision > 16) throw new MeteringError('bad-sketch', 'no precision');
    const sketch = new HyperLogLog(precision);
    let at = 0;
    let zeros = 0;
    // By code, not by a pattern: unions over long experiments read thousands of sketches.
    for (let i = 0; i < body.length; i++) {
      const code = body.charCodeAt(i);
      if (code <= NINE) {
        zeros = zeros * 10 + code - ZERO;
        continue;
      }
      at += zeros;
      zeros = 0;
      // Beyond the end a typed array ignores the write, and the count below refuses the text.
      sketch.registers[at++] = RANK_OF_CODE[code] as number;
    }
    at += zeros;
    if (at !== sketch.registers.length) throw new MeteringError('bad-sketch', 'wrong number of registers');
    return sketch;
  }
}

/** Ertl (2017), algorithm 6: the share of registers that are still zero, summed over powers. */
function sigma(share: number): number {
  if (share === 1) return Infinity;
  let x = share;
  let y = 1;
  let z = share;
  for (let before = NaN; before !== z;) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

/** Ertl (2017), algorithm 6: the share of registers that are not saturated. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - share;
  for (let before = NaN; before !== z;) {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}
