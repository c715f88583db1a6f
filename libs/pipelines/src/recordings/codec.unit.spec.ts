import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import {
  checkedRecordingHeader,
  decodeRecording,
  decodeRecordingHeader,
  encodeRecording,
  packRecording,
} from './codec.js';
import { RecordingError, type Recording } from './recording.js';

const body = fc.uint8Array({ maxLength: 200 });
const recording: fc.Arbitrary<Recording> = fc
  .record({
    hosts: fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), { minLength: 1, maxLength: 5 }),
    source: fc.string({ minLength: 1, maxLength: 60 }),
    windows: fc.array(fc.array(body, { maxLength: 5 }), { maxLength: 8 }),
  })
  .map(({ hosts, source, windows }) => ({
    header: {
      ...{ schemaVersion: 1, kind: 'captured', source, tenant: 'default', hosts },
      ...{ createdAt: '2026-01-01T00:00:00Z', startedAt: '2026-01-01T00:00:00.000Z' },
      ...{ durationSeconds: 60, intervalSeconds: 10, points: 1, series: 1, windows: windows.length },
    },
    windows: windows.map((bodies, index) => ({
      at: 1_800_000_000_000 + index,
      exports: bodies.map((one, place) => ({ host: hosts[place % hosts.length]!, body: one })),
    })),
  }));

const plain = ({ header, windows }: Recording): unknown => ({
  header,
  windows: windows.map(({ at, exports }) => ({
    at,
    exports: exports.map(({ body: bytes, host }) => ({ host, body: [...bytes] })),
  })),
});

const codeOf = (read: () => unknown): string => {
  try {
    read();
    return 'accepted';
  } catch (error) {
    if (error instanceof RecordingError) return error.code;
    throw error;
  }
};

/** Bytes with a right digest, as somebody who means harm would send them. */
function forged(header: unknown, packed: Uint8Array, length?: number): Uint8Array {
  const head = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(length ?? head.length);
  const content = Buffer.concat([Buffer.from('PHXREC\n\u0001', 'latin1'), size, head, packed]);
  return Buffer.concat([content, createHash('sha256').update(content).digest()]);
}

describe('a recording as bytes', () => {
  const [one] = fc.sample(recording, { numRuns: 1, seed: 7 });
  const { header } = one!;

  test('is the same recording when its windows are packed one by one', async () => {
    await fc.assert(
      fc.asyncProperty(recording, async (given) => {
        const bytes = await packRecording(given.header, given.windows.values());
        expect(plain(decodeRecording(bytes))).toEqual(plain(given));
        expect(checkedRecordingHeader(bytes)).toEqual(given.header);
      }),
    );
  });

  test('is not packed of windows that cannot be had, and not checked without its last byte', async () => {
    const broken = function* (): Generator<never> {
      throw new Error('gone');
    };
    await expect(packRecording(header, broken())).rejects.toThrow('gone');
    const bytes = encodeRecording(one!);
    expect(codeOf(() => checkedRecordingHeader(bytes.subarray(0, -1)))).toBe('damaged');
  });

  test('comes back as it was, and its header alone too', () => {
    fc.assert(
      fc.property(recording, (given) => {
        const bytes = encodeRecording(given);
        expect(plain(decodeRecording(bytes))).toEqual(plain(given));
        expect(decodeRecordingHeader(bytes)).toEqual(given.header);
        expect(encodeRecording(given)).toEqual(bytes);
      }),
      { numRuns: 30 },
    );
  });

  test('is refused when cut anywhere, or changed anywhere', () => {
    fc.assert(
      fc.property(recording, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, where, change) => {
        const bytes = encodeRecording(given);
        const at = where % bytes.length;
        const changed = Uint8Array.from(bytes);
        changed[at] = changed[at]! ^ change;
        expect(codeOf(() => decodeRecording(bytes.subarray(0, at)))).not.toBe('accepted');
        expect(codeOf(() => decodeRecording(changed))).not.toBe('accepted');
      }),
    );
  });

  test('is refused, and never crashes the reader, when it is any other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(codeOf(() => decodeRecording(bytes))).not.toBe('accepted');
      }),
    );
  });

  test('of a newer version is told apart from nonsense', () => {
    const bytes = Uint8Array.from(encodeRecording(one!));
    bytes[7] = 2;
    expect(codeOf(() => decodeRecording(bytes))).toBe('unknown-version');
    expect(codeOf(() => decodeRecording(Buffer.from('PK\u0003\u0004 a zip file')))).toBe('not-a-recording');
  });

  test('stops unpacking at the bound, however small a bomb is', () => {
    const bomb = gzipSync(Buffer.alloc(129 * 1024 * 1024), { level: 1 });
    expect(bomb.length).toBeLessThan(2 ** 20);
    expect(codeOf(() => decodeRecording(forged(header, bomb)))).toBe('too-large');
  });

  test.each([
    ['lengths that lead past the end', () => forged(header, gzipSync(Buffer.from([1, 0, 0, 0])))],
    ['more windows than there may be', () => forged(header, gzipSync(Buffer.from([255, 255, 255, 255])))],
    ['another number of windows', () => forged({ ...header, windows: 3 }, gzipSync(Buffer.alloc(4)))],
    ['a header without hosts', () => forged({ ...header, hosts: [] }, gzipSync(Buffer.alloc(4)))],
    ['a header longer than the whole', () => forged(header, gzipSync(Buffer.alloc(4)), 2 ** 31)],
    ['exports that are not packed', () => forged({ ...header, windows: 0 }, Buffer.alloc(40, 7))],
    ['bytes after the last window', () => forged({ ...header, windows: 0 }, gzipSync(Buffer.alloc(5)))],
  ])('with %s is damaged, also under a right digest', (_, bytes) => {
    expect(codeOf(() => decodeRecording(bytes()))).toBe('damaged');
  });
});
