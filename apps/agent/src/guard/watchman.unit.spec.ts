import { systemClock } from '#lib/agent-core';
import { limitsOf } from '#lib/agent-protocol';
import { instantiateTemplate } from '#lib/pipelines';
import type { Collector, CollectorSpec } from '../collectors/collector.js';
import { parseCollector } from '../reconcile/target.js';
import { pushedSpec, specOrder } from '../testing/pushed.js';
import type { Trip } from './trip.js';
import { Watchman } from './watchman.js';

/** Has a watchman look at the collector of an order. @returns it, the reasons of its trips, and its clock */
function watchmanOf(order: Parameters<typeof parseCollector>[0]) {
  // The process that is looked at is this test's own, which may be large.
  const limits = limitsOf({ memory: { rssBytes: 2 ** 36 }, silence: { intervals: 2, seconds: 10 } });
  const spec = parseCollector({ ...order, limits });
  const trips: Trip[] = [];
  const over = new AbortController();
  const door = { passed: 0, lost: 0 };
  let now = 1_000_000;
  const watchman = new Watchman({
    guarded: () => [{ collector: collectorOf(spec as CollectorSpec), isRunning: true }],
    metering: { requestsOf: () => 0 },
    ingress: { copiesFor: () => (spec as CollectorSpec).rendered.ingress && { ...door } },
    onTrip: (_collector, trip) => trips.push(trip),
    clock: {
      ...systemClock,
      now: () => now,
      sleep: () => {
        if ((now += 1_000) > 1_060_000) over.abort();
        return Promise.resolve();
      },
    },
  });
  return { watchman, trips, door, over: over.signal, pass: (ms: number) => (now += ms) };
}

/** Looks for a minute at a collector that exports nothing. @returns the guardrails that it broke */
async function silentFor(order: Parameters<typeof parseCollector>[0]): Promise<readonly string[]> {
  const { over, trips, watchman } = watchmanOf(order);
  await watchman.run(over);
  return [...new Set(trips.map(({ guardrail }) => guardrail))];
}

function collectorOf(spec: CollectorSpec): Collector {
  const { configHash, variant } = spec;
  return {
    ...{ instance: 'i', spec, pid: process.pid, isAdopted: false, telemetryPort: 1 },
    admission: { instance: 'i', variant, configHash, intervalSeconds: 1, token: 't' },
    exited: new Promise(() => undefined),
    stop: () => Promise.resolve(),
    logTail: () => Promise.resolve([]),
    tidy: () => Promise.resolve(),
  };
}

describe('the guardrail of silence', () => {
  it('is broken by a collector that is to scrape', async () => {
    const scraping = instantiateTemplate('baseline', { intervalSeconds: 1 });
    expect(await silentFor(specOrder('candidate', scraping))).toContain('silence');
  });

  it('is not broken because nobody pushes', async () => {
    expect(await silentFor(specOrder('candidate', pushedSpec(4318)))).not.toContain('silence');
  });
});

describe('the guardrail of drops', () => {
  it('is broken by a shadow that hangs and does not take what is pushed', () => {
    const { door, pass, trips, watchman } = watchmanOf(specOrder('candidate', pushedSpec(4318)));
    for (let told = 0; told < 5; told++) {
      watchman.tell('i', told === 0 ? new Map([['otlp', { passed: 9, lost: 0 }]]) : undefined);
      door.lost += 10;
      pass(10_000);
    }
    expect(trips).toEqual([
      { guardrail: 'drops', reason: 'lost 100 % of the data at ingress for 20 s, more than 50 %' },
    ]);
  });

  it('is not broken by one that takes most of it, nor by one that does not answer and is given nothing', () => {
    const pushed = watchmanOf(specOrder('candidate', pushedSpec(4318)));
    const scraping = watchmanOf(specOrder('candidate', instantiateTemplate('baseline', {})));
    for (let told = 0; told < 6; told++) {
      pushed.watchman.tell('i', undefined);
      scraping.watchman.tell('i', undefined);
      pushed.door.passed += 6;
      pushed.door.lost += 4;
      pushed.pass(10_000);
      scraping.pass(10_000);
    }
    expect([...pushed.trips, ...scraping.trips]).toEqual([]);
  });
});
