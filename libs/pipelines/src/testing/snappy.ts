/**
 * Unpacks one Snappy block (format_description.txt of google/snappy): the length as a varint, then literals and
 * copies of what was written before. Strict: a block that does not give exactly its length is an error.
 */
export function unpackSnappy(block: Buffer): Buffer {
  const { value: length, next } = varint(block, 0);
  const output = Buffer.alloc(length);
  let at = next;
  let written = 0;
  while (at < block.length) {
    const tag = byteAt(block, at);
    const element = (tag & 3) === 0 ? literalAt(block, at) : copyAt(block, at);
    if (written + element.length > length) throw new Error('a Snappy block is longer than it says');
    if (element.kind === 'literal') {
      const end = element.from + element.length;
      if (end > block.length) throw new Error('a Snappy literal is cut off');
      block.copy(output, written, element.from, end);
    } else {
      if (element.offset < 1 || element.offset > written) throw new Error('a Snappy copy begins nowhere');
      // Byte by byte: a copy may reach into what it writes.
      for (let index = 0; index < element.length; index++)
        output[written + index] = byteAt(output, written - element.offset + index);
    }
    written += element.length;
    at = element.next;
  }
  if (written !== length) throw new Error(`a Snappy block of ${written} bytes says ${length}`);
  return output;
}

type Element =
  | { readonly kind: 'literal'; readonly from: number; readonly length: number; readonly next: number }
  | { readonly kind: 'copy'; readonly offset: number; readonly length: number; readonly next: number };

function literalAt(block: Buffer, at: number): Element {
  const size = byteAt(block, at) >> 2;
  const extra = size < 60 ? 0 : size - 59;
  const length = (extra === 0 ? size : block.readUIntLE(at + 1, extra)) + 1;
  const from = at + 1 + extra;
  return { kind: 'literal', from, length, next: from + length };
}

function copyAt(block: Buffer, at: number): Element {
  const tag = byteAt(block, at);
  if ((tag & 3) === 1) {
    const offset = ((tag >> 5) << 8) | byteAt(block, at + 1);
    return { kind: 'copy', offset, length: ((tag >> 2) & 7) + 4, next: at + 2 };
  }
  const width = (tag & 3) === 2 ? 2 : 4;
  return {
    kind: 'copy',
    offset: block.readUIntLE(at + 1, width),
    length: (tag >> 2) + 1,
    next: at + 1 + width,
  };
}

function byteAt(block: Buffer, at: number): number {
  const byte = block[at];
  if (byte === undefined) throw new Error('a Snappy block is cut off');
  return byte;
}

function varint(block: Buffer, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let at = from, shift = 0; shift < 32; at++, shift += 7) {
    const byte = byteAt(block, at);
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return { value, next: at + 1 };
  }
  throw new Error('a Snappy length is too long');
}
