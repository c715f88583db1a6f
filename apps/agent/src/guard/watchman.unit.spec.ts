import { systemClock } from '#lib/agent-core';
import { limitsOf } from '#lib/agent-protocol';
import { instantiateTemplate } from '#lib/pipelines';
import type { Collector, CollectorSpec } from '../collectors/collector.js';
import { parseCollector } from '../reconcile/target.js';
import { pushedSpec, specOrder } from '../testing/pushed.js';
import { Watchman } from './watchman.js';

/** Looks for a minute at a collector that exports nothing. @returns the guardrails that it broke */
async function silentFor(order: Parameters<typeof parseCollector>[0]): Promise<readonly string[]> {
  // The process that is looked at is this test's own, which may be large.
  const limits = limitsOf({ memory: { rssBytes: 2 ** 36 }, silence: { intervals: 2, seconds: 10 } });
  const spec = parseCollector({ ...order, limits });
  const trips: string[] = [];
  const over = new AbortController();
  let now = 1_000_000;
  const watchman = new Watchman({
    guarded: () => [{ collector: collectorOf(spec as CollectorSpec), isRunning: true }],
    metering: { requestsOf: () => 0 },
    onTrip: (_collector, { guardrail }) => trips.push(guardrail),
    clock: {
      ...systemClock,
      now: () => now,
      sleep: () => {
        if ((now += 1_000) > 1_060_000) over.abort();
        return Promise.resolve();
      },
    },
  });
  await watchman.run(over.signal);
  return [...new Set(trips)];
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
