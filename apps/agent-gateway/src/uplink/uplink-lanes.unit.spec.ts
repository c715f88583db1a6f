import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import type { StoredMessage } from '#lib/platform';
import { UplinkLanes } from './uplink-lanes.js';

const message = (host: string, sequence: number): StoredMessage => ({
  subject: `up.acme.${host}.all`,
  sequence,
  data: new Uint8Array(),
  header: () => undefined,
});
const hostOf = ({ subject }: StoredMessage) => subject.split('.')[2] ?? '';

interface Options {
  readonly perHost?: number;
  /** Hosts whose messages are refused as often as this. */
  readonly trouble?: Map<string, number>;
  /** Sequences that the stream has forgotten meanwhile. */
  readonly gone?: ReadonlySet<number>;
}

/** Lanes over a stream of one message for each name. */
function setUp(
  hosts: readonly string[],
  { perHost = 3, trouble = new Map(), gone = new Set() }: Options = {},
) {
  const stream = hosts.map((host, i) => message(host, i + 1));
  const taken: StoredMessage[] = [];
  const positions: number[] = [];
  const underWay = new Set<string>();
  const lanes: UplinkLanes = new UplinkLanes({
    perHost,
    take: async (one) => {
      const host = hostOf(one);
      expect(underWay).not.toContain(host);
      underWay.add(host);
      await turn();
      underWay.delete(host);
      const left = trouble.get(host) ?? 0;
      trouble.set(host, left - 1);
      if (left > 0) throw new Error('not now');
      taken.push(one);
    },
    next: async (lane, after) => {
      await turn();
      return stream.find(
        ({ subject, sequence }) => subject.startsWith(`${lane}.`) && sequence > after && !gone.has(sequence),
      );
    },
    handled: () => positions.push(lanes.position),
    pause: () => turn(),
    failed: () => undefined,
  });
  const feed = async () => {
    for (const one of stream) await lanes.add(one);
  };
  const readAll = async () => {
    await feed();
    while (lanes.position < stream.length) await turn();
    await lanes.close();
  };
  return { stream, taken, positions, lanes, feed, readAll };
}

const flood = (host: string, size: number): string[] => Array<string>(size).fill(host);
const placeOf = (taken: readonly StoredMessage[], host: string) =>
  taken.map((one, i) => ({ host: hostOf(one), i })).findLast((one) => one.host === host)?.i ?? Infinity;

describe('hosts that take turns', () => {
  it('do not wait behind the flood of another, however much of it came before them', async () => {
    const { taken, readAll } = setUp([...flood('loud', 1_000), 'quiet', ...flood('loud', 50), 'quiet']);
    await readAll();
    expect(taken).toHaveLength(1_052);
    expect(placeOf(taken, 'quiet')).toBeLessThan(20);
  });

  it('are all served, each in its own order and each message once, whatever came when and failed how often', async () => {
    const hosts = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 60 });
    const trouble = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(5)));
    await fc.assert(
      fc.asyncProperty(hosts, fc.integer({ min: 1, max: 4 }), trouble, async (names, perHost, failing) => {
        const { stream, taken, positions, readAll } = setUp(names, { perHost, trouble: new Map(failing) });
        await readAll();
        const of = (all: readonly StoredMessage[], host: string) => all.filter((one) => hostOf(one) === host);
        for (const host of new Set(names)) expect(of(taken, host)).toEqual(of(stream, host));
        expect(positions).toEqual([...positions].sort((a, b) => a - b));
      }),
    );
  });

  it('are not held up by one whose messages fail for ever', async () => {
    const { taken, lanes, feed } = setUp(['sick', 'sick', ...flood('well', 30), 'other'], {
      trouble: new Map([['sick', Infinity]]),
    });
    await feed();
    while (taken.length < 31) await turn();
    expect(lanes.position).toBe(0);
    await lanes.close();
    expect(taken.some((one) => hostOf(one) === 'sick')).toBe(false);
  });

  it('go on behind messages that the stream no longer has', async () => {
    const gone = new Set(Array.from({ length: 40 }, (_, i) => i + 5));
    const { taken, readAll } = setUp([...flood('loud', 44), 'quiet'], { gone });
    await readAll();
    expect(taken.map(({ sequence }) => sequence).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 45]);
  });

  it('never count as handled what stands behind something that is not', async () => {
    const handled = new Set<number>();
    const names = ['a', ...flood('b', 9), 'a', 'c', ...flood('b', 9)];
    const release: (() => void)[] = [];
    const held: UplinkLanes = new UplinkLanes({
      perHost: 2,
      take: async (one) => {
        if (hostOf(one) === 'a') await new Promise<void>((resolve) => release.push(resolve));
        handled.add(one.sequence);
      },
      next: (lane, after) =>
        Promise.resolve(
          names
            .map((name, i) => message(name, i + 1))
            .find((one) => one.subject.startsWith(`${lane}.`) && one.sequence > after),
        ),
      handled: () => {
        for (let sequence = 1; sequence <= held.position; sequence++) expect(handled).toContain(sequence);
      },
      pause: () => turn(),
      failed: () => undefined,
    });
    for (const [i, name] of names.entries()) await held.add(message(name, i + 1));
    while (handled.size < names.length - 2) await turn();
    expect(held.position).toBe(0);
    release.shift()?.();
    while (release.length === 0) await turn();
    expect(held.position).toBe(10);
    release.shift()?.();
    while (held.position < names.length) await turn();
    await held.close();
  });

  it('hold up the reader when there are too many of them, and nothing stays behind', async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let added = 0;
    const lanes = new UplinkLanes({
      take: () => gate,
      next: () => Promise.resolve(undefined),
      handled: () => undefined,
      pause: () => turn(),
      failed: () => undefined,
    });
    const feeding = (async () => {
      for (; added < 3_000; added++) await lanes.add(message(`h${added}`, added + 1));
    })();
    for (let i = 0; i < 3_000; i++) await turn();
    expect(added).toBe(2_047);
    open();
    await feeding;
    while (lanes.position < 3_000) await turn();
    await lanes.close();
  });
});
