import { MAX_WINDOWS, RecordingError, type RecordedExport, type RecordedWindow } from './recording.js';

const WINDOW_HEAD = 12;

/**
 * Windows as frames, little endian: count; for each window its time (double) and the count of its exports; for each
 * export the place of its host in the header, its length, its bytes.
 */
export function writeWindows(windows: readonly RecordedWindow[], hosts: readonly string[]): Buffer {
  return Buffer.concat([...windowFrames(windows.length, windows, hosts)]);
}

/** The same piece by piece, for windows that are not all in memory at once. @throws RecordingError `damaged` */
export function* windowFrames(
  count: number,
  windows: Iterable<RecordedWindow>,
  hosts: readonly string[],
): Generator<Uint8Array> {
  const places = new Map(hosts.map((host, index) => [host, index]));
  yield uint32s(count);
  for (const { at, exports } of windows) {
    const head = Buffer.alloc(WINDOW_HEAD);
    head.writeDoubleLE(at);
    head.writeUInt32LE(exports.length, 8);
    yield head;
    for (const { body, host } of exports) {
      const place = places.get(host);
      if (place === undefined) throw new RecordingError('damaged', `host ${host} is not in its header`);
      yield uint32s(place, body.length);
      yield body;
    }
  }
}

/** Reads `writeWindows`. @throws RecordingError `damaged` */
export function readWindows(frames: Buffer, hosts: readonly string[]): readonly RecordedWindow[] {
  const reader = new FrameReader(frames);
  const count = reader.uint32();
  if (count > MAX_WINDOWS) throw new RecordingError('damaged', `${count} windows`);
  const windows: RecordedWindow[] = [];
  for (let index = 0; index < count; index++) windows.push(readWindow(reader, hosts));
  reader.requireEnd();
  return windows;
}

function readWindow(reader: FrameReader, hosts: readonly string[]): RecordedWindow {
  const at = reader.double();
  const count = reader.uint32();
  const exports: RecordedExport[] = [];
  for (let index = 0; index < count; index++) {
    const host = hosts[reader.uint32()];
    if (host === undefined)
      throw new RecordingError('damaged', 'an export of a host that is not in its header');
    exports.push({ host, body: reader.bytes(reader.uint32()) });
  }
  if (!Number.isFinite(at)) throw new RecordingError('damaged', 'a window without a time');
  return { at, exports };
}

/** Never reads past the end, so a wrong length costs no memory: bytes are views, and counts are checked as they go. */
class FrameReader {
  private position = 0;

  constructor(private readonly frames: Buffer) {}

  uint32(): number {
    return this.frames.readUInt32LE(this.take(4));
  }

  double(): number {
    return this.frames.readDoubleLE(this.take(8));
  }

  bytes(length: number): Uint8Array {
    const from = this.take(length);
    return this.frames.subarray(from, from + length);
  }

  requireEnd(): void {
    if (this.position !== this.frames.length)
      throw new RecordingError('damaged', 'something follows its last window');
  }

  private take(length: number): number {
    const from = this.position;
    if (length > this.frames.length - from) throw new RecordingError('damaged', 'its windows end too early');
    this.position = from + length;
    return from;
  }
}

function uint32s(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => buffer.writeUInt32LE(value, index * 4));
  return buffer;
}
