import { join } from 'node:path';
import { hostSubjects, OUTBOX_HEADERS } from '#lib/agent-protocol';
import { streams, subjects as names } from '#lib/events';
import { applyTopology, mintHostCreds, nextMessage, type Nats } from '#lib/platform';
import { connectTestNats, eventually } from '#lib/platform-testing';
import { startTestParts, type TestParts } from '#tools/embedded';
import { systemClock as clock } from '../clock.js';
import type { Link } from '../link/door.js';
import { openLink } from '../link/link.js';
import { drainLane, type PublishAcked } from './drain-lane.js';
import { Outbox } from './outbox.js';

const TENANT = 'acme';
const HOST = 'h1';
const QUOTA = 3;
const PATIENCE_MS = 120_000;
const subjects = hostSubjects(TENANT, HOST);
const log = { info: () => undefined, warn: () => undefined };

describe('a host whose quota at the hub is full', () => {
  const stop = new AbortController();
  const refusals: string[] = [];
  let parts: TestParts<{ hub: true }>;
  let nats: Nats;
  let link: Link;
  let outbox: Outbox;
  let draining: Promise<void>;

  beforeAll(async () => {
    parts = await startTestParts({ hub: true });
    nats = await connectTestNats(parts.hub, parts.dir);
    await applyTopology(
      nats,
      streams.map((one) => (one.name === 'UPLINK' ? { ...one, maxMessagesPerSubject: QUOTA } : one)),
    );
    const { creds } = await mintHostCreds(parts.hub.security, { tenant: TENANT, host: HOST });
    link = openLink({
      ...{ url: parts.hub.url, identity: { creds }, inboxPrefix: subjects.inboxPrefix },
      ...{ name: 'agent', clock, log },
    });
    outbox = await Outbox.open({
      folder: join(parts.dir, 'outbox'),
      gapMessage: () => ({ subject: subjects.uplink('outbox-gap'), headers: {}, body: new Uint8Array() }),
    });
    await eventually(() => link.isConnected(), 'the link', PATIENCE_MS);
    const publish: PublishAcked = async (...message) => {
      try {
        await link.publishAcked(...message);
      } catch (error) {
        refusals.push(String(error));
        throw error;
      }
    };
    draining = drainLane({ outbox, lane: 'results', publish, clock, log }, stop.signal);
  }, PATIENCE_MS);

  afterAll(async () => {
    stop.abort();
    await draining;
    await link.close();
    await nats.drain();
    await parts.hub.stop();
    await parts.stop();
  }, PATIENCE_MS);

  const keep = (text: string, kind: string) =>
    outbox.append('results', {
      ...{ subject: subjects.uplink(kind), headers: {}, body: new TextEncoder().encode(text) },
    });
  /** Numbers and texts that the hub holds of the host, in their order. */
  const held = async () => {
    const all: [number, string][] = [];
    const query = { stream: 'UPLINK', subject: names.uplinkOf(TENANT, HOST) };
    for (let after = 0; ;) {
      const message = await nextMessage(nats, { ...query, after });
      if (message === undefined) return all;
      after = message.sequence;
      all.push([Number(message.header(OUTBOX_HEADERS.n)), new TextDecoder().decode(message.data)]);
    }
  };
  const wasRefused = (times: number) => refusals.filter((one) => one.includes('per subject')).length >= times;

  it(
    'keeps what is refused and goes on trying, in order, and nobody else is refused',
    async () => {
      for (const [i, text] of ['one', 'two', 'three', 'four', 'five'].entries())
        await keep(text, i % 2 === 0 ? 'attempt' : 'task-result');
      await eventually(() => wasRefused(3), 'several refusals', PATIENCE_MS);
      expect(await held()).toEqual([
        [1, 'one'],
        [2, 'two'],
        [3, 'three'],
      ]);
      expect(outbox.status()).toEqual({ results: 2, metrics: 0, dropped: 0, failure: undefined });
      await nats.publisher.publish(hostSubjects(TENANT, 'h2').uplink('attempt'), new Uint8Array());
    },
    2 * PATIENCE_MS,
  );

  it(
    'sends the rest under the same numbers once there is room',
    async () => {
      await (await nats.manager()).streams.purge('UPLINK', { filter: names.uplinkOf(TENANT, HOST), keep: 1 });
      await eventually(() => outbox.status().results === 0, 'the rest to be stored', PATIENCE_MS);
      expect(await held()).toEqual([
        [3, 'three'],
        [4, 'four'],
        [5, 'five'],
      ]);
    },
    2 * PATIENCE_MS,
  );
});
