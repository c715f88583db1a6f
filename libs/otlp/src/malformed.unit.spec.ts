import fc from 'fast-check';
import {
  decodeMetrics,
  encodeMetrics,
  MAX_REQUEST_BYTES,
  MAX_VALUE_DEPTH,
  MetricsReader,
  OtlpDecodeError,
} from './index.js';
import { metricsData } from './testing/arbitrary.js';

const reader = new MetricsReader();
const silent = { resource: () => undefined, metric: () => undefined, point: () => undefined };
const ways: [string, (bytes: Uint8Array) => unknown][] = [
  ['decodeMetrics', decodeMetrics],
  ['MetricsReader', (bytes) => reader.read(bytes, silent)],
];

function codeOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof OtlpDecodeError) return error.code;
    throw error;
  }
}

/** `bytes` as the content of nested length-delimited fields, outermost first. */
const within = (fields: number[], bytes: number[]): Uint8Array =>
  Uint8Array.from(fields.reduceRight((inner, field) => [(field << 3) | 2, inner.length, ...inner], bytes));

describe.each(ways)('malformed bytes in %s', (_name, read) => {
  it('never give anything but a result or the typed error, for random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        codeOf(() => read(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('never give anything but a result or the typed error, for a real request with changed bytes', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(metricsData, changes, (data, edits) => {
        const bytes = encodeMetrics(data);
        for (const [at, value] of edits) if (bytes.length > 0) bytes[at % bytes.length] = value;
        codeOf(() => read(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('are noticed wherever a request is cut off inside its first resource', () => {
    const bytes = within([1, 2, 2], [0x0a, 3, 0x61, 0x62, 0x63]);
    for (let length = 1; length < bytes.length; length++) {
      expect(codeOf(() => read(bytes.subarray(0, length)))).toBe('truncated');
    }
    expect(codeOf(() => read(bytes))).toBeUndefined();
  });

  it('are named by their kind', () => {
    expect(codeOf(() => read(Uint8Array.of(0x08, ...Array<number>(10).fill(0xff))))).toBe('bad-varint');
    expect(codeOf(() => read(Uint8Array.of(0x00)))).toBe('bad-tag');
    expect(codeOf(() => read(Uint8Array.of(0x0b)))).toBe('bad-wire-type');
    expect(codeOf(() => read(Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f)))).toBe('truncated');
    expect(codeOf(() => read(new Uint8Array(MAX_REQUEST_BYTES + 1)))).toBe('too-large');
  });

  it('cannot exhaust the stack by nesting attribute values', () => {
    expect(codeOf(() => read(deeplyNested(MAX_VALUE_DEPTH)))).toBeUndefined();
    expect(codeOf(() => read(deeplyNested(MAX_VALUE_DEPTH + 1)))).toBe('too-deep');
  });
});

function deeplyNested(depth: number): Uint8Array {
  let value: null | readonly unknown[] = null;
  for (let i = 1; i < depth; i++) value = [value];
  return encodeMetrics({
    resourceMetrics: [
      {
        resource: { attributes: [{ key: 'k', value: value as null }], droppedAttributesCount: 0 },
        scopeMetrics: [],
        schemaUrl: '',
      },
    ],
  });
}

it('a request of very many tiny messages is refused before it exhausts memory', () => {
  const empty = new Uint8Array(5_000_000);
  for (let i = 0; i < empty.length; i += 2) empty[i] = 0x0a;
  expect(codeOf(() => decodeMetrics(empty))).toBe('too-large');
});
