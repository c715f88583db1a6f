import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket, { type RawData } from 'ws';
import { z } from 'zod';
import type { House } from '#tools/house';
import { bench } from '../harness/bench.js';
import { quantile } from '../harness/statistics.js';
import { draftBody, withHouse } from '../parts/house.js';

const WARM_UP = 20;
const COMMITS = 200;
const PAUSE_MS = 40;
const BUDGET_MS = 20_000;

/** How long people wait to see what they did. */
export const feedBench = bench({
  metrics: {
    'feed.commit-to-websocket': {
      unit: 'ms (p99)',
      goal: { kind: 'limit', atMost: 250 },
      what: `From sending a command to its delta at a WebSocket that follows the list, so the command itself is in it; ${COMMITS} commands, ${1000 / PAUSE_MS} a second.`,
    },
  },
  run: () =>
    withHouse(async (house) => {
      const feed = await follow(house);
      try {
        for (let n = 0; n < WARM_UP; n += 1) await delay(house, feed, n);
        const delays = Array.from({ length: COMMITS }, async (_, n) => {
          await sleep(n * PAUSE_MS);
          return delay(house, feed, WARM_UP + n);
        });
        return { 'feed.commit-to-websocket': { value: quantile(await Promise.all(delays), 0.99) } };
      } finally {
        feed.close();
      }
    }),
});

interface Feed {
  /** When the row was first seen, by `performance.now()`. @throws Error when it does not come */
  seen(key: string): Promise<number>;
  close(): void;
}

const accepted = z.object({ id: z.string() });
const message = z.object({ op: z.string(), rows: z.array(z.object({ key: z.string() })).optional() });

async function delay({ api }: House, feed: Feed, n: number): Promise<number> {
  const start = performance.now();
  const { id } = accepted.parse(await api.call('POST', '/experiments', draftBody(n)));
  return (await feed.seen(id)) - start;
}

/** Follows the list of experiments until its first snapshot has come. */
async function follow({ webSocketUrl, api }: House): Promise<Feed> {
  const socket = new WebSocket(`${webSocketUrl}?access_token=${api.token}`);
  const seen = new Map<string, number>();
  let isReady = false;
  socket.on('open', () => socket.send(JSON.stringify({ op: 'subscribe', view: 'experiments' })));
  socket.on('message', (data: RawData) => {
    const now = performance.now();
    const { op, rows = [] } = message.parse(JSON.parse((data as Buffer).toString()));
    isReady ||= op === 'snapshot';
    for (const { key } of rows) if (!seen.has(key)) seen.set(key, now);
  });
  const failed = new Promise<never>((_, reject) => socket.once('error', reject));
  failed.catch(() => undefined);
  await Promise.race([failed, until(() => (isReady ? 0 : undefined), 'the first snapshot')]);
  return {
    seen: (key) => Promise.race([failed, until(() => seen.get(key), `the delta of ${key}`)]),
    close: () => socket.close(),
  };
}

/** Looks every few milliseconds; what is found tells when it came, so looking late does no harm. */
async function until(find: () => number | undefined, what: string): Promise<number> {
  const deadline = performance.now() + BUDGET_MS;
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${BUDGET_MS / 1000} s`);
    await sleep(5);
  }
}
