import { streams, type AggregateRef, type Position } from '#lib/events';
import { resolveNatsServer, startHub, startTestParts } from '#tools/embedded';
import { JetStreamEventStore } from '../event-store/jetstream-event-store.js';
import type { Nats } from '../nats/nats.js';
import { applyTopology } from '../nats/topology.js';
import type { StoredMessage } from '../nats/stored-message.js';
import { readHistory } from '../nats/stream-history.js';
import { countingDecider, type CountingCommand } from '../testing/counting-decider.js';
import { eventually } from '../testing/eventually.js';
import { pipelineRef } from '../testing/pipeline-commits.js';
import { TestClock } from '../testing/test-clock.js';
import { connectTestNats } from '../testing/test-nats.js';
import { CommandHandler, type CommandMeta } from './command-handler.js';
import { commandIdFrom, idFrom } from './ids.js';

const publish: CountingCommand = { type: 'publish' };
const actor = { kind: 'service', id: 'test' } as const;
const clock = new TestClock();
const startParts = () => startTestParts({ hub: true });

let parts: Awaited<ReturnType<typeof startParts>>;
let nats: Nats;

beforeAll(async () => {
  parts = await startParts();
  nats = await connectTestNats(parts.hub, parts.dir);
  await applyTopology(nats, streams);
});

afterAll(async () => {
  await nats.drain();
  await parts.stop();
});

const messagesOf = (ref: AggregateRef): Promise<readonly StoredMessage[]> =>
  readHistory(nats, { stream: 'EVENTS', subject: `evt.${ref.tenant}.${ref.aggregate}.${ref.id}`, after: 0 });

/** For every commit: what it expected is the sequence of the one before it on its subject. */
const expectUnbrokenChain = (messages: readonly StoredMessage[]): void => {
  const expected = messages.map((message) => Number(message.header('Nats-Expected-Last-Subject-Sequence')));
  expect(expected).toEqual([0, ...messages.slice(0, -1).map(({ sequence }) => sequence)]);
};

/** Writers that each send their commands one by one, spread over the aggregates; busy ones are sent again. */
async function drive(
  handlers: readonly CommandHandler[],
  refs: readonly AggregateRef<'pipeline'>[],
  load: { readonly writers: number; readonly commands: number; readonly name: string },
): Promise<ReadonlyMap<string, Position>> {
  const acknowledged = new Map<string, Position>();
  let next = 0;
  const writer = async (index: number): Promise<void> => {
    const handler = handlers[index % handlers.length]!;
    while (next < load.commands) {
      const n = next++;
      const meta: CommandMeta = { commandId: commandIdFrom(load.name, String(n)), actor };
      acknowledged.set(meta.commandId, await patiently(handler, refs[n % refs.length]!, meta));
    }
  };
  await Promise.all(Array.from({ length: load.writers }, (_, index) => writer(index)));
  return acknowledged;
}

/** What a client does: the same command again while the answer is "later" or "unknown". */
async function patiently(
  handler: CommandHandler,
  ref: AggregateRef<'pipeline'>,
  meta: CommandMeta,
): Promise<Position> {
  for (;;) {
    try {
      return (await handler.handle(countingDecider, ref, publish, meta)).position;
    } catch (error) {
      expect(['busy', 'unknown-outcome', 'unavailable']).toContain((error as { code?: string }).code);
    }
  }
}

async function expectStoredOnce(
  refs: readonly AggregateRef<'pipeline'>[],
  acknowledged: ReadonlyMap<string, Position>,
): Promise<void> {
  const stored = new Map<string, Position>();
  for (const ref of refs) {
    expectUnbrokenChain(await messagesOf(ref));
    const commits = await new JetStreamEventStore(nats).load(ref);
    for (const commit of commits) {
      expect(stored.has(commit.commandId)).toBe(false);
      stored.set(commit.commandId, commit.position);
    }
    const versions = commits
      .flatMap(({ events }) => events)
      .map((event) => (event.data as { version: number }).version);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
  }
  expect(stored).toEqual(acknowledged);
}

describe('commands on a real stream', () => {
  it('are stored exactly once in an unbroken chain: 32 writers, 8 aggregates, 10,000 commands', async () => {
    const store = new JetStreamEventStore(nats);
    const refs = Array.from({ length: 8 }, (_, n) => pipelineRef(`crowd-${n}`));
    const handlers = [new CommandHandler(store, clock), new CommandHandler(store, clock)];
    const acknowledged = await drive(handlers, refs, { writers: 32, commands: 10_000, name: 'crowd' });
    expect(acknowledged.size).toBe(10_000);
    await expectStoredOnce(refs, acknowledged);
  });

  it('make two aggregates when two tenants send the same Idempotency-Key', async () => {
    const handler = new CommandHandler(new JetStreamEventStore(nats), clock);
    const create = async (tenant: string) => {
      const commandId = commandIdFrom(tenant, 'ann', 'POST /pipelines', 'key-7');
      const ref = pipelineRef(idFrom('pip', commandId), tenant);
      const { position } = await handler.handle(countingDecider, ref, publish, { commandId, actor });
      return { ref, position };
    };
    const [one, other] = await Promise.all([create('tenant-a'), create('tenant-b')]);
    expect(one.ref.id).not.toBe(other.ref.id);
    expect(one.position).not.toBe(other.position);
    expect(await messagesOf(one.ref)).toHaveLength(1);
    expect(await messagesOf(other.ref)).toHaveLength(1);
  });

  it('are stored on both aggregates when the very same command id is used for two', async () => {
    const handler = new CommandHandler(new JetStreamEventStore(nats), clock);
    const meta = { commandId: commandIdFrom('same'), actor };
    for (const ref of [pipelineRef('same', 'tenant-a'), pipelineRef('same', 'tenant-b')]) {
      const first = await handler.handle(countingDecider, ref, publish, meta);
      const again = await new CommandHandler(new JetStreamEventStore(nats), clock).handle(
        countingDecider,
        ref,
        publish,
        meta,
      );
      expect([first.repeated, again.repeated]).toEqual([false, true]);
      expect(again.position).toBe(first.position);
      expect(await messagesOf(ref)).toHaveLength(1);
    }
  });

  it('survive a killed server: what was acknowledged is stored once', async () => {
    const store = new JetStreamEventStore(nats);
    const refs = Array.from({ length: 4 }, (_, n) => pipelineRef(`killed-${n}`));
    const handlers = [new CommandHandler(store, clock), new CommandHandler(store, clock)];
    const before = await store.head();
    const driving = drive(handlers, refs, { writers: 16, commands: 2_000, name: 'killed' });
    await eventually(async () => (await store.head()) > before + 300, 'commits are under way');
    await parts.hub.kill();
    const hub = await startHub({
      dir: `${parts.dir}/hub`,
      natsServer: (await resolveNatsServer(() => undefined)).path,
      ports: parts.hub.ports,
    });
    try {
      const acknowledged = await driving;
      expect(acknowledged.size).toBe(2_000);
      await expectStoredOnce(refs, acknowledged);
    } finally {
      await nats.drain();
      await hub.stop();
    }
  });
});
