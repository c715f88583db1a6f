import fc from 'fast-check';
import { limitsOf } from '#lib/agent-protocol';
import type { Trip } from './trip.js';
import { Watch, type Look } from './watch.js';

const MEBIBYTE = 1024 * 1024;
const limits = limitsOf({
  memory: { rssBytes: 300 * MEBIBYTE, seconds: 5 },
  cpu: { percent: 100, seconds: 30 },
  drops: { percent: 50, seconds: 20 },
  silence: { intervals: 6, seconds: 30 },
});
/** The longest smoothing of CPU here, and the distance of two looks. */
const SPAN_SECONDS = 10;
const LOOK_SECONDS = 1;

type Second = { readonly rssBytes?: number; readonly cpuPercent?: number; readonly isHeard?: boolean };

/** A collector by the second, as looks see it; `at` is when each look falls. */
function looksAt(seconds: readonly Second[], startAt = 1_000_000): readonly Look[] {
  let cpuSeconds = 7;
  let exports = 0;
  return seconds.map(({ rssBytes = 100 * MEBIBYTE, cpuPercent = 5, isHeard = true }, index) => {
    cpuSeconds += cpuPercent / 100;
    if (isHeard) exports += 1;
    return { at: startAt + index * 1000, rssBytes, cpuSeconds, exports, isExporting: true };
  });
}

/** The first trip, with the second in which it came. */
function firstTrip(
  looks: readonly Look[],
  intervalSeconds = SPAN_SECONDS,
): (Trip & { at: number }) | undefined {
  const watch = new Watch(limits, { intervalSeconds });
  for (const [at, look] of looks.entries()) {
    const trip = watch.look(look);
    if (trip !== undefined) return { ...trip, at };
  }
  return undefined;
}

describe('a pipeline that holds points back', () => {
  it('may be silent for as long as two holds, and no longer', () => {
    const looks = looksAt(times(300, { isHeard: false }));
    expect(firstTrip(looks)?.at).toBe(60);
    const watch = new Watch(limits, { intervalSeconds: SPAN_SECONDS, holdSeconds: 100 });
    const trips = looks.map((look) => watch.look(look)?.reason);
    expect(trips.findIndex((reason) => reason !== undefined)).toBe(200);
    expect(trips[200]).toBe('exported nothing for 200 s, at an interval of 100 s');
  });
});

const calm = (seconds: number): readonly Second[] => Array.from({ length: seconds }, () => ({}));
const times = (seconds: number, what: Second): readonly Second[] => calm(seconds).map(() => what);

/** Breaches of each kind, with the seconds after which they count and the seconds by which they must. */
const breaches = [
  { guardrail: 'memory', what: { rssBytes: 301 * MEBIBYTE }, window: 5, slack: 1 },
  { guardrail: 'cpu', what: { cpuPercent: 101 }, window: 30, slack: 2 * SPAN_SECONDS + 2 },
  { guardrail: 'silence', what: { isHeard: false }, window: 60, slack: 1 },
] as const;

describe.each(breaches)('the guardrail on $guardrail', ({ guardrail, slack, what, window }) => {
  it('ignores whatever is shorter than its window, however often it comes', () => {
    const spikes = fc.array(
      fc.record({ spike: fc.nat({ max: window - 1 }), rest: fc.integer({ min: SPAN_SECONDS + 1, max: 40 }) }),
      { maxLength: 6 },
    );
    const strong: Second = guardrail === 'cpu' ? { cpuPercent: 3_200 } : what;
    fc.assert(
      fc.property(spikes, (all) => {
        const history = all.flatMap(({ rest, spike }) => [...calm(rest), ...times(spike, strong)]);
        expect(firstTrip(looksAt(history))).toBeUndefined();
      }),
    );
  });

  it('trips on what lasts, within its window and the time to see it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), (before) => {
        const trip = firstTrip(looksAt([...calm(before), ...times(window + slack + LOOK_SECONDS, what)]));
        expect(trip?.guardrail).toBe(guardrail);
        expect((trip?.at ?? Infinity) - before).toBeLessThanOrEqual(window + slack);
        expect((trip?.at ?? 0) - before).toBeGreaterThanOrEqual(window - 1);
      }),
    );
  });

  it('counts nothing while the agent itself stands still, or when the clock is set', () => {
    fc.assert(
      fc.property(fc.integer({ min: 6, max: 100_000 }), fc.boolean(), (pause, isBackwards) => {
        const before = looksAt([...calm(20), ...times(window - 1, what)]);
        const jump = (isBackwards ? -pause : pause) * 1000;
        const after = looksAt([...times(3, what), ...calm(20)]).map((look) => {
          const last = before.at(-1);
          const exports = (last?.exports ?? 0) + look.exports;
          return { ...look, at: look.at - 1_000_000 + (last?.at ?? 0) + jump, exports };
        });
        expect(firstTrip([...before, ...after])).toBeUndefined();
      }),
    );
  });
});

describe('a watched collector', () => {
  it('is told with its figures and limits', () => {
    const trip = firstTrip(looksAt(times(10, { rssBytes: 412 * MEBIBYTE })));
    expect(trip?.reason).toBe('held 412 MiB of memory, more than 300 MiB for 5 s');
  });

  it('may bring its CPU in bursts as long as the mean holds', () => {
    const bursts = Array.from({ length: 300 }, (_, at) => ({ cpuPercent: at % 10 === 0 ? 900 : 1 }));
    expect(firstTrip(looksAt(bursts))).toBeUndefined();
    const worse = bursts.map(({ cpuPercent }) => ({ cpuPercent: cpuPercent * 1.2 }));
    expect(firstTrip(looksAt(worse))?.guardrail).toBe('cpu');
  });

  it('need not export while it starts', () => {
    const starting = looksAt(times(300, { isHeard: false })).map((look) => ({ ...look, isExporting: false }));
    expect(firstTrip(starting)).toBeUndefined();
  });
});

describe('the guardrail on drops', () => {
  const PERIOD_MS = 10_000;

  /** Feeds the share that each ten seconds lost, in percent. @returns the index of the first trip */
  function firstTripOf(shares: readonly number[], periodMs = PERIOD_MS): number {
    const watch = new Watch(limits, { intervalSeconds: 10 });
    const sums = { passed: 500, lost: 400 };
    watch.tell(new Map([['otlphttp/destination', { ...sums }]]), 0);
    return shares.findIndex((share, index) => {
      sums.lost += share;
      sums.passed += 100 - share;
      const healthy = ['otlphttp/meter', { passed: index * 1000, lost: 0 }] as const;
      const doors = new Map([healthy, ['otlphttp/destination', { ...sums }]]);
      return watch.tell(doors, (index + 1) * periodMs) !== undefined;
    });
  }

  it('trips on the worst exporter, within its window and three tellings', () => {
    fc.assert(
      fc.property(fc.nat({ max: 20 }), fc.integer({ min: 51, max: 100 }), (before, share) => {
        const shares = [...Array<number>(before).fill(50), ...Array<number>(6).fill(share)];
        const trip = firstTripOf(shares);
        expect(trip).toBeGreaterThanOrEqual(before);
        expect((trip - before) * PERIOD_MS).toBeLessThanOrEqual(limits.drops.seconds * 1000 + 3 * PERIOD_MS);
      }),
    );
  });

  it('ignores a loss that can have been shorter than its window', () => {
    // Twenty seconds touch three tellings at most.
    expect(firstTripOf([0, 100, 100, 100, 0, 100, 100, 100, 0])).toBe(-1);
  });

  it('ignores a collector that had nothing to send, and tellings too far apart', () => {
    const watch = new Watch(limits, { intervalSeconds: 10 });
    const doors = new Map([['otlphttp/destination', { passed: 0, lost: 7 }]]);
    expect([0, 1, 2, 3, 4, 5].map((step) => watch.tell(doors, step * PERIOD_MS))).toEqual(
      Array(6).fill(undefined),
    );
    expect(firstTripOf(Array<number>(10).fill(100), 30_000)).toBe(-1);
  });

  it('tells which exporter lost how much', () => {
    const watch = new Watch(limits, { intervalSeconds: 10 });
    const trips = [0, 1, 2, 3, 4, 5].map((step) =>
      watch.tell(new Map([['otlphttp/destination', { passed: 0, lost: step * 10 }]]), step * PERIOD_MS),
    );
    expect(trips.find((trip) => trip !== undefined)).toEqual({
      guardrail: 'drops',
      reason: 'lost 100 % of the data at otlphttp/destination for 20 s, more than 50 %',
    });
  });
});
