import fc from 'fast-check';
import { hashText } from '#lib/otlp';
import { HyperLogLog } from '../hyperloglog.js';
import type { CollectorWindow, MinuteSummary, MinuteVariant, Variant, WindowMessage } from '../model.js';

/** Windows of one host on a grid of 10 s from 0, as messy as swaps and restarts make them. */
const count = fc.nat({ max: 10_000 });
const seriesCount = fc.record({ value: count, exact: fc.boolean() });
const names = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      points: fc.integer({ min: 1, max: 99 }),
      series: count,
    }),
    {
      selector: ({ name }) => name,
    },
  )
  .map((list) => list.sort((a, b) => (a.name < b.name ? -1 : 1)));
const variant = fc.constantFrom<Variant>('baseline', 'candidate');

function collectorWindow(start: number): fc.Arbitrary<CollectorWindow> {
  return fc
    .record({
      variant,
      instance: fc.constantFrom('i1', 'i2'),
      configHash: fc.constantFrom('h1', 'h2'),
      from: fc.nat({ max: 5_000 }),
      to: fc.integer({ min: 5_000, max: 10_000 }),
      points: count,
      bytes: count,
      wireBytes: count,
      requests: count,
      malformed: count,
      activeSeries: seriesCount,
      metrics: names,
      executables: names,
      services: names,
      namespaces: names,
      hostPoints: count,
      freshness: fc.option(fc.record({ p50Ms: count, maxMs: count })),
      use: fc.option(
        fc.record({
          cpuSeconds: fc.double({ min: 0, max: 20, noNaN: true }),
          rssBytes: count,
          refused: count,
          failed: count,
        }),
      ),
    })
    .map(({ from, to, ...rest }) => ({ ...rest, coveredFrom: start + from, coveredTo: start + to }));
}

function minuteVariant(which: Variant): fc.Arbitrary<MinuteVariant> {
  return fc
    .record({ first: fc.nat(50), size: fc.nat(50), coveredSeconds: fc.nat(60) })
    .map(({ first, size, coveredSeconds }) => {
      const sketch = new HyperLogLog(14);
      for (let i = first; i < first + size; i++) sketch.add(hashText(String(i)));
      return {
        variant: which,
        coveredSeconds,
        series: { value: size, exact: true },
        sketch: sketch.toText(),
        attributes: [
          { key: 'pid', sketch: valuesOf(first, size) },
          { key: `key-${first % 3}`, sketch: valuesOf(0, size) },
        ],
      };
    });
}

function valuesOf(first: number, size: number): string {
  const sketch = new HyperLogLog(10);
  for (let i = first; i < first + size; i++) sketch.add(hashText(`value ${i}`));
  return sketch.toText();
}

function minute(start: number): fc.Arbitrary<MinuteSummary> {
  const variants = fc.tuple(minuteVariant('baseline'), minuteVariant('candidate'));
  const difference = fc.record({
    lost: seriesCount,
    gained: seriesCount,
    lostExecutables: fc.constant([{ name: 'a', series: 1 }]),
    lostMetrics: fc.constant([]),
  });
  return fc.record({
    start: fc.constant(Math.floor(start / 60_000) * 60_000),
    variants,
    difference: fc.option(difference),
  });
}

const keyOf = (one: CollectorWindow): string => `${one.variant} ${one.instance} ${one.configHash}`;

export const windowMessage: fc.Arbitrary<WindowMessage> = fc.nat(40).chain((slot) => {
  const start = slot * 10_000;
  const message = fc.record({
    host: fc.constant('host-1'),
    start: fc.constant(start),
    seconds: fc.constant(10),
    closedAt: fc.integer({ min: start + 10_000, max: start + 10_003 }),
    clockOffsetMs: fc.option(fc.integer({ min: -50, max: 50 })),
    identityVersion: fc.constant(1),
    weights: fc.constant([]),
    collectors: fc.uniqueArray(collectorWindow(start), { maxLength: 3, selector: keyOf }),
    minute: fc.option(minute(start)),
  });
  return fc.tuple(message, fc.boolean()).map(([full, isOld]) => (isOld ? asVersion1(full) : full));
});

/** As a meter sent it that counted no services. */
export function asVersion1(message: WindowMessage): WindowMessage {
  const collectors = message.collectors.map(
    ({ services: _services, namespaces: _namespaces, ...rest }) => rest,
  );
  return { ...message, collectors };
}
