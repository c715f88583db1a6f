import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { MeteringError } from './errors.js';
import { MAX_INFLATED_BYTES, MAX_MESSAGE_BYTES } from './limits.js';
import type { CollectorWindow, NamedCount, WindowMessage } from './model.js';
import {
  wireSchemas,
  type Columns,
  type MessageV1,
  type MessageV2,
  type WireVersion,
} from './window-wire.js';

/**
 * The message as bytes: version, then deflated JSON in columns. Typically 1 to 2 KiB without sketches. A message that
 * came as version 1 goes on as version 1, since what that did not count cannot be told.
 */
export function encodeWindowMessage(message: WindowMessage): Uint8Array {
  const isOld = message.collectors.some((one) => one.services === undefined || one.namespaces === undefined);
  const version: WireVersion = isOld ? 1 : 2;
  const body = deflateRawSync(JSON.stringify(isOld ? toV1(message) : toV2(message)), { level: 9 });
  const bytes = new Uint8Array(body.length + 1);
  bytes[0] = version;
  bytes.set(body, 1);
  return bytes;
}

/** Reads `encodeWindowMessage`. Throws `MeteringError` `bad-message` or `unsupported-version`; bounded. */
export function decodeWindowMessage(bytes: Uint8Array): WindowMessage {
  if (bytes.length === 0 || bytes.length > MAX_MESSAGE_BYTES) throw new MeteringError('bad-message', 'size');
  const version = bytes[0] as number;
  switch (version) {
    case 1:
      return fromV1(parse(1, bytes.subarray(1)));
    case 2:
      return fromV2(parse(2, bytes.subarray(1)));
    default:
      throw new MeteringError('unsupported-version', String(version));
  }
}

function toV1(message: WindowMessage): MessageV1 {
  const metricNames = namesOf(message.collectors.map((one) => one.metrics));
  const executableNames = namesOf(message.collectors.map((one) => one.executables));
  const weight = new Map(message.weights.map((one) => [one.name, one]));
  return {
    ...message,
    ...{ metricNames, executableNames },
    weights: {
      cpu: executableNames.map((each) => weight.get(each)?.cpu ?? null),
      rssBytes: executableNames.map((each) => weight.get(each)?.rssBytes ?? null),
    },
    collectors: message.collectors.map(({ services: _services, namespaces: _namespaces, ...one }) => ({
      ...one,
      metrics: toColumns(one.metrics, metricNames),
      executables: toColumns(one.executables, executableNames),
    })),
    minute: message.minute as MessageV1['minute'],
  };
}

function toV2(message: WindowMessage): MessageV2 {
  const serviceNames = namesOf(message.collectors.map(({ services = [] }) => services));
  const namespaceNames = namesOf(message.collectors.map(({ namespaces = [] }) => namespaces));
  const { collectors, ...rest } = toV1(message);
  return {
    ...{ ...rest, serviceNames, namespaceNames },
    collectors: collectors.map((one, i) => ({
      ...one,
      services: toColumns(message.collectors[i]?.services ?? [], serviceNames),
      namespaces: toColumns(message.collectors[i]?.namespaces ?? [], namespaceNames),
    })),
  };
}

function fromV1({ metricNames, executableNames, weights, collectors, ...rest }: MessageV1): WindowMessage {
  return {
    ...rest,
    weights: executableNames.flatMap((each, i) => {
      const cpu = weights.cpu[i];
      const rssBytes = weights.rssBytes[i];
      return typeof cpu === 'number' && typeof rssBytes === 'number' ? [{ name: each, cpu, rssBytes }] : [];
    }),
    collectors: collectors.map((one) => ({
      ...one,
      metrics: fromColumns(one.metrics, metricNames),
      executables: fromColumns(one.executables, executableNames),
    })),
  };
}

function fromV2({ serviceNames, namespaceNames, collectors, ...rest }: MessageV2): WindowMessage {
  const message = fromV1({ ...rest, collectors });
  return {
    ...message,
    collectors: message.collectors.map((one, i): CollectorWindow => {
      const { services, namespaces } = collectors[i] ?? { services: NOTHING, namespaces: NOTHING };
      return {
        ...one,
        services: fromColumns(services, serviceNames),
        namespaces: fromColumns(namespaces, namespaceNames),
      };
    }),
  };
}

const NOTHING: Columns = { points: [], series: [] };

function parse(version: 1, body: Uint8Array): MessageV1;
function parse(version: 2, body: Uint8Array): MessageV2;
function parse(version: WireVersion, body: Uint8Array): MessageV1 | MessageV2 {
  try {
    const json = inflateRawSync(body, { maxOutputLength: MAX_INFLATED_BYTES }).toString('utf8');
    return wireSchemas[version].parse(JSON.parse(json));
  } catch (error) {
    throw new MeteringError('bad-message', error instanceof Error ? error.name : 'unreadable');
  }
}

/** All names, sorted: so are the lists, and neighbours with equal beginnings deflate well. */
function namesOf(lists: readonly (readonly NamedCount[])[]): string[] {
  return [...new Set(lists.flatMap((list) => list.map((one) => one.name)))].sort();
}

function toColumns(list: readonly NamedCount[], names: readonly string[]): Columns {
  const byName = new Map(list.map((one) => [one.name, one]));
  return {
    points: names.map((each) => byName.get(each)?.points ?? 0),
    series: names.map((each) => byName.get(each)?.series ?? 0),
  };
}

function fromColumns(list: Columns, names: readonly string[]): NamedCount[] {
  return names.flatMap((each, i) => {
    const points = list.points[i] ?? 0;
    return points > 0 ? [{ name: each, points, series: list.series[i] ?? 0 }] : [];
  });
}
