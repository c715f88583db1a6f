import * as fc from 'fast-check';
import type { HostId, TenantId } from '#lib/events';
import { HOST_SHARDS, shardName, shardOf } from './host-shards.js';
import { HostShare, hostsOf, leaseNames } from './host-share.js';
import { Leases, type LeaseTable } from './leases.js';

const LEASE_MS = 10_000;

/** A table that answers what the test says; `time` is what both clocks show. */
function setUp() {
  const rounds: { held: Record<string, number>; surplus?: number; takes?: number }[] = [];
  const released: string[] = [];
  const time = { monotonic: 1_000, wall: 9_000_000 };
  let left = false;
  const table: LeaseTable = {
    round: () => {
      const { held, surplus = 0, takes = 0 } = rounds.shift() ?? { held: {} };
      time.monotonic += takes;
      time.wall += takes;
      return Promise.resolve({
        held: Object.entries(held).map(([name, epoch]) => ({ name, epoch })),
        surplus,
      });
    },
    release: (names) => {
      released.push(...names);
      return Promise.resolve();
    },
    leave: () => {
      left = true;
      return Promise.resolve();
    },
  };
  const clocks = () => [time.monotonic, time.wall];
  const leases = new Leases({ table, names: ['a', 'b', 'c'], leaseMs: LEASE_MS, clocks });
  const pass = (ms: number) => {
    time.monotonic += ms;
    time.wall += ms;
  };
  return { leases, rounds, released, time, pass, hasLeft: () => left };
}

describe('the leases of a gateway', () => {
  it('come once, stay while they are renewed, and go when another gateway has them', async () => {
    const { leases, rounds, pass } = setUp();
    rounds.push({ held: { a: 1, b: 1 } }, { held: { a: 1, b: 1 } }, { held: { b: 1 } });
    expect(await leases.round()).toEqual({ lost: new Set(), gained: new Set(['a', 'b']) });
    pass(5_000);
    expect(await leases.round()).toEqual({ lost: new Set(), gained: new Set() });
    pass(5_000);
    expect(leases.epochOf('a')).toBe(1);
    expect(await leases.round()).toEqual({ lost: new Set(['a']), gained: new Set() });
    expect([leases.epochOf('a'), leases.epochOf('b'), leases.count]).toEqual([undefined, 1, 1]);
  });

  it.each([
    ['the process was frozen', { monotonic: LEASE_MS, wall: LEASE_MS }],
    ['the machine slept', { monotonic: 0, wall: LEASE_MS }],
    ['the wall clock was set back meanwhile', { monotonic: LEASE_MS, wall: -60_000 }],
  ])('are over when %s, before anything is asked', async (_case, passed) => {
    const { leases, rounds, time } = setUp();
    rounds.push({ held: { a: 1 } });
    await leases.round();
    time.monotonic += passed.monotonic;
    time.wall += passed.wall;
    expect([leases.epochOf('a'), leases.count]).toEqual([undefined, 0]);
  });

  it('begin anew when they were over and nobody else has taken them', async () => {
    const { leases, rounds, pass } = setUp();
    rounds.push({ held: { a: 1 } }, { held: { a: 1 } });
    await leases.round();
    pass(LEASE_MS);
    expect(await leases.round()).toEqual({ lost: new Set(['a']), gained: new Set(['a']) });
  });

  it('begin anew when they went to another gateway and came back within one round', async () => {
    const { leases, rounds } = setUp();
    rounds.push({ held: { a: 1 } }, { held: { a: 3 } });
    await leases.round();
    expect(await leases.round()).toEqual({ lost: new Set(['a']), gained: new Set(['a']) });
    expect(leases.epochOf('a')).toBe(3);
  });

  it('count from before they were asked for, so a slow answer makes none longer', async () => {
    const { leases, rounds } = setUp();
    rounds.push({ held: { a: 1 }, takes: LEASE_MS });
    await leases.round();
    expect(leases.epochOf('a')).toBeUndefined();
  });

  it('are given back above the share, after this gateway has stopped to act for them', async () => {
    const { leases, rounds, released } = setUp();
    rounds.push({ held: { c: 1, a: 1, b: 1 } }, { held: { c: 1, a: 1, b: 1 }, surplus: 2 });
    await leases.round();
    expect(await leases.round()).toEqual({ lost: new Set(['b', 'c']), gained: new Set() });
    expect(released).toEqual(['b', 'c']);
    expect(leases.count).toBe(1);
  });

  it('end the work that is done under them', async () => {
    const { leases, rounds } = setUp();
    rounds.push({ held: { a: 1 } }, { held: {} });
    const signals: AbortSignal[] = [];
    const work = (signal: AbortSignal) => {
      signals.push(signal);
      return Promise.resolve();
    };
    await leases.whileHeld('a', work);
    expect(signals).toEqual([]);
    await leases.round();
    await leases.whileHeld('a', work);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    await leases.round();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('are all given back at the end', async () => {
    const { leases, rounds, hasLeft } = setUp();
    rounds.push({ held: { a: 1 } });
    await leases.round();
    await leases.close();
    expect([leases.count, hasLeft()]).toEqual([0, true]);
  });
});

describe('the parts of the fleet', () => {
  const host = fc.tuple(fc.stringMatching(/^[a-z0-9]{1,12}$/), fc.stringMatching(/^[a-z0-9-]{1,20}$/));

  it('have each host in one of them, always the same', () => {
    fc.assert(
      fc.property(host, ([tenant, id]) => {
        const of = [tenant as TenantId, id as HostId] as const;
        const names = leaseNames.filter((name) => hostsOf(new Set([name]))(...of));
        expect(names).toEqual([shardName(shardOf(...of))]);
        const share = new HostShare({ epochOf: (name) => (name === names[0] ? 7 : undefined) });
        expect(share.sessionOf(...of)).toBe(7);
      }),
    );
  });

  it('are of about one size', () => {
    const sizes = Array.from({ length: HOST_SHARDS }, () => 0);
    for (let i = 0; i < 10_000; i++) sizes[shardOf('acme' as TenantId, `host-${i}` as HostId)]! += 1;
    const mean = 10_000 / HOST_SHARDS;
    for (const size of sizes) expect(Math.abs(size - mean)).toBeLessThan(mean / 2);
  });
});
