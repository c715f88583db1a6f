const TWO_32 = 2 ** 32;
const utf8 = new TextEncoder();

/** Appends protobuf bytes to a buffer that grows. */
export class WireWriter {
  private bytes = new Uint8Array(64 * 1024);
  private view = new DataView(this.bytes.buffer);
  private position = 0;

  /** A copy of everything written. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.position);
  }

  /** An unsigned varint up to 2^53. */
  varint(value: number): this {
    this.reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.position++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.position++] = rest;
    return this;
  }

  int64(value: bigint): this {
    this.reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest >= 0x80n) {
      this.bytes[this.position++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.position++] = Number(rest);
    return this;
  }

  sint32(value: number): this {
    return this.varint(((value << 1) ^ (value >> 31)) >>> 0);
  }

  fixed64(value: number): this {
    this.reserve(8);
    this.view.setUint32(this.position, value % TWO_32, true);
    this.view.setUint32(this.position + 4, Math.floor(value / TWO_32), true);
    this.position += 8;
    return this;
  }

  fixed64Exact(value: bigint): this {
    this.reserve(8);
    this.view.setBigUint64(this.position, value, true);
    this.position += 8;
    return this;
  }

  double(value: number): this {
    this.reserve(8);
    this.view.setFloat64(this.position, value, true);
    this.position += 8;
    return this;
  }

  blob(tag: number, content: Uint8Array): this {
    this.varint(tag).varint(content.length).reserve(content.length);
    this.bytes.set(content, this.position);
    this.position += content.length;
    return this;
  }

  text(tag: number, text: string): this {
    return text === '' ? this : this.requiredText(tag, text);
  }

  /** Writes an empty text too: inside a `oneof` it differs from nothing. */
  requiredText(tag: number, text: string): this {
    return this.message(tag, () => {
      this.reserve(text.length * 3);
      this.position += utf8.encodeInto(text, this.bytes.subarray(this.position)).written;
    });
  }

  /** A nested message; its length is put in front once it is known. */
  message(tag: number, write: () => void): this {
    this.varint(tag).reserve(1);
    const start = ++this.position;
    write();
    const length = this.position - start;
    if (length >= 0x80) {
      const extra = sizeOfVarint(length) - 1;
      this.reserve(extra);
      this.bytes.copyWithin(start + extra, start, this.position);
      this.position += extra;
    }
    const last = this.position;
    this.position = start - 1;
    this.varint(length);
    this.position = last;
    return this;
  }

  private reserve(count: number): void {
    const needed = this.position + count;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}

function sizeOfVarint(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size++;
  return size;
}
