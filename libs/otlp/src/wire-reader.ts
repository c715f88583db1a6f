import { OtlpDecodeError } from './errors.js';
import { MAX_ELEMENTS, MAX_REQUEST_BYTES } from './limits.js';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** Tags carry the wire type, so a field sent with another wire type is skipped as unknown, as protobuf wants. */
export const varintTag = (field: number): number => (field << 3) | VARINT;
export const fixed64Tag = (field: number): number => (field << 3) | FIXED64;
export const lengthTag = (field: number): number => (field << 3) | LENGTH;

const TWO_32 = 2 ** 32;
const utf8 = new TextDecoder();

/**
 * A cursor over protobuf bytes. Every read either moves forward or throws `OtlpDecodeError`,
 * so a loop over `position < end` always ends.
 */
export class WireReader {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  private view: DataView = new DataView(new ArrayBuffer(0));
  private elements = 0;

  /** Starts on new bytes. Throws `too-large` above `MAX_REQUEST_BYTES`. */
  reset(bytes: Uint8Array): void {
    if (bytes.length > MAX_REQUEST_BYTES) throw new OtlpDecodeError('too-large', 0);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = 0;
    this.elements = 0;
  }

  fail(code: OtlpDecodeError['code']): never {
    throw new OtlpDecodeError(code, this.position);
  }

  /** The next field's tag. */
  tag(): number {
    const tag = this.varint();
    if (tag < 8 || tag >= TWO_32) this.fail('bad-tag');
    return tag;
  }

  /** An unsigned varint; exact up to 2^53. */
  varint(): number {
    const first = this.byte();
    return first < 0x80 ? first : this.longVarint(first);
  }

  private byte(): number {
    if (this.position >= this.bytes.length) this.fail('truncated');
    return this.bytes[this.position++] as number;
  }

  private longVarint(first: number): number {
    let value = first & 0x7f;
    let scale = 128;
    for (let count = 1; count < 10; count++) {
      const next = this.byte();
      value += (next & 0x7f) * scale;
      if (next < 0x80) return value;
      scale *= 128;
    }
    return this.fail('bad-varint');
  }

  /** A varint as int64, exact over the whole range. */
  int64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const next = this.byte();
      value |= BigInt(next & 0x7f) << shift;
      if (next < 0x80) return BigInt.asIntN(64, value);
    }
    return this.fail('bad-varint');
  }

  /** A zigzag varint (`sint32`). */
  sint32(): number {
    const raw = this.varint() >>> 0;
    return (raw >>> 1) ^ -(raw & 1);
  }

  /** The start of eight bytes that may be read with the `…At` functions; moves past them. */
  eight(): number {
    const at = this.position;
    if (at + 8 > this.bytes.length) this.fail('truncated');
    this.position = at + 8;
    return at;
  }

  double(): number {
    return this.view.getFloat64(this.eight(), true);
  }

  /** An unsigned fixed64 as a number; exact up to 2^53. */
  fixed64(): number {
    const at = this.eight();
    return this.view.getUint32(at + 4, true) * TWO_32 + this.view.getUint32(at, true);
  }

  /** A signed fixed64 as a number; exact up to 2^53. */
  sfixed64(): number {
    const at = this.eight();
    return this.view.getInt32(at + 4, true) * TWO_32 + this.view.getUint32(at, true);
  }

  fixed64Exact(): bigint {
    return this.view.getBigUint64(this.eight(), true);
  }

  sfixed64Exact(): bigint {
    return this.view.getBigInt64(this.eight(), true);
  }

  fixed32(): number {
    const at = this.position;
    if (at + 4 > this.bytes.length) this.fail('truncated');
    this.position = at + 4;
    return this.view.getUint32(at, true);
  }

  /** Reads a length and returns where its content ends. Throws if it would leave the enclosing message. */
  enter(end: number): number {
    const length = this.varint();
    if (length > end - this.position) this.fail('truncated');
    return this.position + length;
  }

  /** Checks that a message ended exactly where its length said. */
  leave(end: number): void {
    if (this.position !== end) this.fail('truncated');
  }

  /** Counts one decoded object, so that many tiny messages cannot exhaust memory. */
  element(): void {
    if (++this.elements > MAX_ELEMENTS) this.fail('too-large');
  }

  slice(end: number): Uint8Array {
    const content = this.bytes.slice(this.position, end);
    this.position = end;
    return content;
  }

  text(end: number): string {
    const content = utf8.decode(this.bytes.subarray(this.position, end));
    this.position = end;
    return content;
  }

  /** Passes over the value of a field that nobody wants. */
  skip(tag: number, end: number): void {
    switch (tag & 7) {
      case VARINT:
        this.varint();
        return;
      case FIXED64:
        this.eight();
        return;
      case LENGTH:
        this.position = this.enter(end);
        return;
      case FIXED32:
        this.fixed32();
        return;
      default:
        this.fail('bad-wire-type');
    }
  }
}
