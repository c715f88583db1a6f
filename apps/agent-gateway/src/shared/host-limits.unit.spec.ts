import { Registry } from 'prom-client';
import { HostBuckets } from './host-buckets.js';
import { HostLimits } from './host-limits.js';
import { HostMessageDeserializer } from './host-message.deserializer.js';

describe('the bucket of a host', () => {
  it('lets a burst through, then the rate, and never more than a burst after a long silence', () => {
    const buckets = new HostBuckets({ burst: 3, perSecond: 2 });
    const through = (now: number) =>
      Array.from({ length: 10 }, () => buckets.take('h1', now)).filter(Boolean).length;
    expect([through(0), through(0), through(500), through(1_500), through(1e9)]).toEqual([3, 0, 1, 2, 3]);
  });

  it('is its own: another host has all of its burst', () => {
    const buckets = new HostBuckets({ burst: 1, perSecond: 1 });
    expect([buckets.take('h1', 0), buckets.take('h1', 0), buckets.take('h2', 0)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('fills nothing by a clock that goes back', () => {
    const buckets = new HostBuckets({ burst: 1, perSecond: 1 });
    expect([buckets.take('h1', 5_000), buckets.take('h1', 0), buckets.take('h1', 500)]).toEqual([
      ...[true, false, false],
    ]);
  });

  it('is forgotten when too many others were used since, and not while it is used', () => {
    const buckets = new HostBuckets({ burst: 1, perSecond: 1 }, 2);
    for (const name of ['busy', 'old', 'busy', 'new']) buckets.take(name, 0);
    expect(buckets.size).toBe(2);
    expect([buckets.take('busy', 0), buckets.take('old', 0)]).toEqual([false, true]);
  });
});

describe('the limits of a host', () => {
  const setUp = () => {
    const registry = new Registry();
    const lines: string[] = [];
    const logger = { warn: (_fields: unknown, line: string) => lines.push(line) };
    const limits = new HostLimits({ now: () => 0 }, logger as never, { registry });
    return { registry, lines, limits };
  };

  it('count what is too much by kind, and never name a host', async () => {
    const { limits, registry, lines } = setUp();
    for (let i = 0; i < 25; i++) {
      limits.admits('hello.acme.h1');
      limits.admits('hb.acme.h1');
      limits.warn('h1', 'refused', {});
    }
    expect(limits.admits('hb.acme.h2')).toBe(true);
    const text = await registry.metrics();
    for (const [kind, count] of Object.entries({ hello: 5, heartbeat: 5, 'log-line': 15 }))
      expect(text).toContain(`phoenix_gateway_rate_limited_total{kind="${kind}"} ${count}`);
    expect(text).not.toMatch(/h1|acme/);
    expect(lines).toHaveLength(10);
  });

  it('stand before the reading of a message', () => {
    const { limits } = setUp();
    const deserializer = new HostMessageDeserializer(limits);
    const data = new TextEncoder().encode('{"a":1}');
    const read = () =>
      deserializer.deserialize({ subject: 'hb.acme.h1', data }, { channel: 'hb.*.*' }).data as unknown;
    const answers = Array.from({ length: 21 }, read);
    expect(answers.slice(0, 20)).toEqual(Array(20).fill({ a: 1 }));
    expect(answers[20]).toBeUndefined();
  });
});
