import { crc32 } from 'node:zlib';

/** A message that waits to be sent. */
export type OutboxMessage = {
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** A message with its number in the lane, from 1, without holes. */
export type OutboxEntry = OutboxMessage & { readonly n: number };

/** Where a record lies in its segment. */
export type RecordPlace = { readonly n: number; readonly offset: number; readonly length: number };

/**
 * A record on disk, little endian: `u32` length of what follows the checksum, `u32` CRC-32 of it, then `f64` n,
 * `u32` length of the JSON head (subject and headers), the head, the body. Nothing valid is shorter than its fixed
 * part, so a run of zeros, which a power cut may leave, is no record.
 */
export const PREFIX_BYTES = 8;
const FIXED_BYTES = 12;

export function encodeRecord({ n, subject, headers, body }: OutboxEntry): Buffer {
  const head = Buffer.from(JSON.stringify({ subject, headers }));
  const payload = Buffer.alloc(FIXED_BYTES + head.length + body.length);
  payload.writeDoubleLE(n, 0);
  payload.writeUInt32LE(head.length, 8);
  payload.set(head, FIXED_BYTES);
  payload.set(body, FIXED_BYTES + head.length);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32LE(payload.length, 0);
  prefix.writeUInt32LE(crc32(payload), 4);
  return Buffer.concat([prefix, payload]);
}

/** Reads one whole record (prefix included); undefined when it is damaged. */
export function decodeRecord(bytes: Buffer): OutboxEntry | undefined {
  const payload = payloadAt(bytes, 0);
  if (payload === undefined) return undefined;
  const headEnd = FIXED_BYTES + payload.readUInt32LE(8);
  const head = JSON.parse(payload.toString('utf8', FIXED_BYTES, headEnd)) as Omit<OutboxMessage, 'body'>;
  return { n: payload.readDoubleLE(0), ...head, body: payload.subarray(headEnd) };
}

/** The places of all records up to the first damaged or torn one. */
export function* scanRecords(bytes: Buffer): Generator<RecordPlace> {
  for (let offset = 0; ;) {
    const payload = payloadAt(bytes, offset);
    if (payload === undefined) return;
    const length = PREFIX_BYTES + payload.length;
    yield { n: payload.readDoubleLE(0), offset, length };
    offset += length;
  }
}

function payloadAt(bytes: Buffer, offset: number): Buffer | undefined {
  if (offset + PREFIX_BYTES + FIXED_BYTES > bytes.length) return undefined;
  const length = bytes.readUInt32LE(offset);
  const start = offset + PREFIX_BYTES;
  if (length < FIXED_BYTES || start + length > bytes.length) return undefined;
  const payload = bytes.subarray(start, start + length);
  return crc32(payload) === bytes.readUInt32LE(offset + 4) ? payload : undefined;
}
