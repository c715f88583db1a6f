import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGzip, gunzipSync, gzipSync } from 'node:zlib';
import {
  RecordingError,
  recordingHeaderSchema,
  type RecordedWindow,
  type Recording,
  type RecordingHeader,
} from './recording.js';
import { readWindows, windowFrames, writeWindows } from './window-frames.js';

/** The first bytes of every recording; the last of them is the version of the format. */
const MAGIC = Buffer.from('PHXREC\n\u0001', 'latin1');
const DIGEST_BYTES = 32;
const LENGTH_BYTES = 4;
const MAX_HEADER_BYTES = 512 * 1024;

/** Packed, a recording is about a tenth of its exports. */
export const MAX_PACKED_BYTES = 32 * 1024 * 1024;
/** Unpacked: the exports of 300,000 points and room for long command lines. */
export const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;

/**
 * A recording as bytes: magic, length of the header, header (JSON), exports (gzip), SHA-256 of all before it.
 * Equal recordings give equal bytes on one version of Node.js. @throws RecordingError `too-large`
 */
export function encodeRecording({ header, windows }: Recording): Uint8Array {
  const frames = writeWindows(windows, header.hosts);
  if (frames.length > MAX_UNPACKED_BYTES) throw tooLarge(frames.length);
  return sealed(header, [gzipSync(frames)]);
}

/**
 * As `encodeRecording`, with one window in memory at a time: `windows` may unpack each as it is asked for.
 * @throws RecordingError `too-large`
 */
export async function packRecording(
  header: RecordingHeader,
  windows: Iterable<RecordedWindow>,
): Promise<Uint8Array> {
  const frames = Readable.from(windowFrames(header.windows, windows, header.hosts));
  const gzip = createGzip();
  // An iterator that throws must end the reading too.
  frames.once('error', (error) => gzip.destroy(error));
  const packed: Uint8Array[] = [];
  for await (const piece of frames.pipe(gzip) as AsyncIterable<Uint8Array>) packed.push(piece);
  return sealed(header, packed);
}

function sealed(header: RecordingHeader, packed: readonly Uint8Array[]): Buffer {
  const head = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(head.length);
  const content = Buffer.concat([MAGIC, length, head, ...packed]);
  if (content.length + DIGEST_BYTES > MAX_PACKED_BYTES) throw tooLarge(content.length);
  return Buffer.concat([content, digestOf(content)]);
}

/**
 * Reads `encodeRecording`. Nothing is believed: the digest is checked first, and unpacking stops at
 * `MAX_UNPACKED_BYTES` whatever the bytes say. The exports themselves are decoded by those who use them.
 * @throws RecordingError
 */
export function decodeRecording(bytes: Uint8Array): Recording {
  const { header, rest } = readWhole(bytes);
  const windows = readWindows(unpacked(rest), header.hosts);
  if (windows.length !== header.windows)
    throw new RecordingError('damaged', `${windows.length} windows where ${header.windows} were announced`);
  return { header, windows };
}

/** What a whole recording says of itself: its digest is right, its exports stay packed. @throws RecordingError */
export function checkedRecordingHeader(bytes: Uint8Array): RecordingHeader {
  return readWhole(bytes).header;
}

function readWhole(bytes: Uint8Array): ReturnType<typeof readHead> {
  const head = readHead(bytes);
  const content = asBuffer(bytes).subarray(0, bytes.length - DIGEST_BYTES);
  if (!digestOf(content).equals(asBuffer(bytes).subarray(content.length)))
    throw new RecordingError('damaged', 'its digest is another one');
  return head;
}

/** What a recording says of itself, from its first bytes alone. @throws RecordingError */
export function decodeRecordingHeader(bytes: Uint8Array): RecordingHeader {
  return readHead(bytes).header;
}

function readHead(bytes: Uint8Array): { readonly header: RecordingHeader; readonly rest: Buffer } {
  if (bytes.length > MAX_PACKED_BYTES) throw tooLarge(bytes.length);
  const all = asBuffer(bytes);
  const magic = all.subarray(0, MAGIC.length);
  if (!magic.subarray(0, -1).equals(MAGIC.subarray(0, -1)))
    throw new RecordingError('not-a-recording', 'it begins otherwise');
  if (!magic.equals(MAGIC)) throw new RecordingError('unknown-version', 'a newer Phoenix wrote it');
  const from = MAGIC.length + LENGTH_BYTES;
  if (all.length < from + DIGEST_BYTES) throw cutOff();
  const length = all.readUInt32LE(MAGIC.length);
  if (length > MAX_HEADER_BYTES || from + length + DIGEST_BYTES > all.length) throw cutOff();
  const rest = all.subarray(from + length, all.length - DIGEST_BYTES);
  return { header: headerOf(all.subarray(from, from + length)), rest };
}

function headerOf(text: Buffer): RecordingHeader {
  let value: unknown;
  try {
    value = JSON.parse(text.toString());
  } catch {
    throw new RecordingError('damaged', 'its header is no JSON');
  }
  const parsed = recordingHeaderSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RecordingError('damaged', `its header: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

function unpacked(packed: Buffer): Buffer {
  try {
    return gunzipSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(MAX_UNPACKED_BYTES);
    throw new RecordingError('damaged', 'its exports do not unpack');
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function digestOf(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}

/** The same memory, with the methods of a Buffer. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function cutOff(): RecordingError {
  return new RecordingError('damaged', 'it ends too early');
}

function tooLarge(bytes: number): RecordingError {
  return new RecordingError('too-large', `${bytes} bytes or more`);
}
