import { HostMeter, WINDOW_MS } from '#lib/metering';
import { MetricsReader } from '#lib/otlp';
import { bench } from '../harness/bench.js';
import { alternate, ratePerSecond } from '../harness/rounds.js';
import { scrape, seriesOf, type Shape } from '../load/scrape.js';

const SHAPE: Shape = { processes: 40, metricsEach: 10, pointsEach: 20 };
const POINTS = seriesOf(SHAPE);
const ROUNDS = 9;
const REQUESTS = 20;

/** What counting costs on top of reading. */
export const meteringBench = bench({
  metrics: {
    'metering.points': {
      unit: 'points/s',
      goal: { kind: 'ratio', atLeast: 0.5 },
      what: `Requests of ${POINTS} points with 4 attributes counted and their windows closed, against decoding them with series identity.`,
    },
  },
  run: async () => {
    let windows = 0;
    const meter = new HostMeter('bench');
    const first = Math.ceil(Date.now() / WINDOW_MS) * WINDOW_MS;
    meter.attach({ variant: 'baseline', instance: 'one', configHash: 'hash' }, first);
    const bodies = Array.from({ length: REQUESTS }, (_, i) => scrape(SHAPE, first + i * WINDOW_MS));
    const rate = (take: (body: Uint8Array) => void): Promise<number> =>
      ratePerSecond(REQUESTS * POINTS, () => {
        bodies.forEach(take);
        return Promise.resolve();
      });
    const reader = new MetricsReader();
    const subject = (): Promise<number> =>
      rate((body) => {
        const at = first + (windows += 1) * WINDOW_MS;
        meter.record('one', body, body.length, at);
        meter.closeWindow(at, { clockOffsetMs: null, use: new Map() });
      });
    const ceiling = (): Promise<number> => rate((body) => reader.read(body, silent));
    return { 'metering.points': await alternate({ subject, ceiling }, ROUNDS) };
  },
});

const silent = { resource: () => undefined, metric: () => undefined, point: () => undefined };
