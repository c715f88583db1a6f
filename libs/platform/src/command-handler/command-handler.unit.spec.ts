import fc from 'fast-check';
import { fold } from '#lib/domain-kernel';
import { position, type CommandId, type EventsOf, type Position } from '#lib/events';
import type { EventStore } from '../event-store/event-store.js';
import { StoreError } from '../event-store/event-store.js';
import { InMemoryEventStore } from '../event-store/in-memory-event-store.js';
import { countingDecider, type CountingCommand } from '../testing/counting-decider.js';
import { pipelineRef } from '../testing/pipeline-commits.js';
import { TestClock } from '../testing/test-clock.js';
import { CommandHandler, ConcurrencyError, type CommandMeta } from './command-handler.js';
import { REMEMBERED_COMMANDS } from './folded.js';
import { commandIdFrom, idFrom } from './ids.js';

const ref = pipelineRef('p1');
const publish: CountingCommand = { type: 'publish' };
const meta = (commandId: string, more: Partial<CommandMeta> = {}): CommandMeta => ({
  commandId: commandId as CommandId,
  actor: { kind: 'user', id: 'ann' },
  ...more,
});

/** A store whose replica is always one look behind: a load misses what was stored since the load before. */
function lagging(store: EventStore): EventStore {
  let replicated = 0;
  return {
    append: (commit, expected, asOf) => store.append(commit, expected, asOf),
    load: async (of, after) => {
      const known = replicated;
      replicated = await store.head();
      return (await store.load(of, after)).filter((commit) => commit.position <= known);
    },
    lastPosition: (of) => store.lastPosition(of),
    loadKind: (kind, after) => store.loadKind(kind, after),
    lastPositionOfKind: (kind) => store.lastPositionOfKind(kind),
    head: () => store.head(),
    read: (options) => store.read(options),
  };
}

const failing = (store: EventStore, append: EventStore['append']): EventStore => ({
  append,
  load: (of, after) => store.load(of, after),
  lastPosition: (of) => store.lastPosition(of),
  loadKind: (kind, after) => store.loadKind(kind, after),
  lastPositionOfKind: (kind) => store.lastPositionOfKind(kind),
  head: () => store.head(),
  read: (options) => store.read(options),
});

describe('the command handler', () => {
  let store: InMemoryEventStore;
  let handler: CommandHandler;
  const clock = new TestClock('2026-05-01T00:00:00.000Z');
  const another = (over: EventStore = store): CommandHandler => new CommandHandler(over, clock);

  beforeEach(() => {
    store = new InMemoryEventStore();
    handler = another();
  });

  it('stores the events of a command as one commit, with actor, time and cause', async () => {
    const result = await handler.handle(countingDecider, ref, publish, meta('c1', { causation: 'why' }));
    expect(result).toMatchObject({ position: 1, state: { versions: 1 }, repeated: false });
    const [commit] = await store.load(ref);
    expect(commit).toMatchObject({
      commandId: 'c1',
      actor: { kind: 'user', id: 'ann' },
      at: '2026-05-01T00:00:00.000Z',
      causation: 'why',
      events: result.events,
    });
  });

  it('answers a repeated command as the first time, also from another process and after later commands', async () => {
    const first = await handler.handle(countingDecider, ref, publish, meta('c1'));
    await handler.handle(countingDecider, ref, publish, meta('c2'));
    for (const anyone of [handler, another()]) {
      const again = await anyone.handle(countingDecider, ref, { type: 'deprecate' }, meta('c1'));
      expect(again).toMatchObject({ position: first.position, events: first.events, repeated: true });
    }
    expect(await store.load(ref)).toHaveLength(2);
  });

  it('answers a repeated command as the first time though its If-Match no longer holds', async () => {
    const at = (await handler.handle(countingDecider, ref, publish, meta('c1'))).position;
    const conditional = meta('c2', { ifMatch: at });
    const first = await handler.handle(countingDecider, ref, publish, conditional);
    const again = await handler.handle(countingDecider, ref, publish, conditional);
    expect(again).toMatchObject({ position: first.position, repeated: true });
  });

  it('recognises a repeated command that the store still knows though the aggregate has forgotten it', async () => {
    await handler.handle(countingDecider, ref, publish, meta('first'));
    for (let n = 0; n <= REMEMBERED_COMMANDS; n += 1)
      await handler.handle(countingDecider, ref, publish, meta(`c${n}`));
    const again = await handler.handle(countingDecider, ref, publish, meta('first'));
    expect(again).toMatchObject({ position: 1, repeated: true });
    expect(await store.load(ref)).toHaveLength(REMEMBERED_COMMANDS + 2);
  });

  it('stores nothing for a command that changes nothing', async () => {
    await handler.handle(countingDecider, ref, publish, meta('c1'));
    const result = await handler.handle(countingDecider, ref, { type: 'settle' }, meta('c2'));
    expect(result).toMatchObject({ position: 1, events: [], repeated: false });
    expect(await store.head()).toBe(1);
  });

  it('passes a refusal of the rules on', async () => {
    await handler.handle(countingDecider, ref, { type: 'deprecate' }, meta('c1'));
    await expect(handler.handle(countingDecider, ref, publish, meta('c2'))).rejects.toMatchObject({
      code: 'pipeline-deprecated',
    });
  });

  it('decides again when another process was faster', async () => {
    await handler.handle(countingDecider, ref, publish, meta('c1'));
    await another().handle(countingDecider, ref, publish, meta('c2'));
    const third = await handler.handle(countingDecider, ref, publish, meta('c3'));
    expect(third.state).toEqual({ versions: 3, deprecated: false });
    expect(third.events).toMatchObject([{ data: { version: 3 } }]);
  });

  it('refuses nothing on a stale read: the leader is asked first', async () => {
    await handler.handle(countingDecider, ref, { type: 'deprecate' }, meta('c1'));
    const behind = another(lagging(store));
    await behind.handle(countingDecider, ref, { type: 'settle' }, meta('c2'));
    await expect(behind.handle(countingDecider, ref, publish, meta('c3'))).rejects.toMatchObject({
      code: 'pipeline-deprecated',
    });

    const other = pipelineRef('p2');
    const caching = another();
    const seen = (await caching.handle(countingDecider, other, publish, meta('d1'))).position;
    const moved = (await handler.handle(countingDecider, other, publish, meta('d2'))).position;
    // The cached state is behind, so the If-Match looks wrong at first and is right.
    const result = await caching.handle(countingDecider, other, publish, meta('d3', { ifMatch: moved }));
    expect(result.state.versions).toBe(3);
    expect(moved).toBeGreaterThan(seen);
  });

  it('refuses a command whose If-Match names an older position', async () => {
    const at = (await handler.handle(countingDecider, ref, publish, meta('c1'))).position;
    await handler.handle(countingDecider, ref, publish, meta('c2'));
    const stale = handler.handle(countingDecider, ref, publish, meta('c3', { ifMatch: at }));
    await expect(stale).rejects.toEqual(new ConcurrencyError('if-match-failed', position(2)));
    expect(await store.head()).toBe(2);
  });

  it('refuses a command that rests on all of its kind when another of them has changed since', async () => {
    const asOf = await store.lastPositionOfKind(ref);
    await another().handle(countingDecider, pipelineRef('p2'), publish, meta('c1'));
    await expect(handler.handle(countingDecider, ref, publish, meta('c2', { asOf }))).rejects.toMatchObject({
      code: 'superseded',
    });
    const now = await store.lastPositionOfKind(ref);
    const { position: at } = await handler.handle(countingDecider, ref, publish, meta('c2', { asOf: now }));
    expect(await store.lastPosition(ref)).toBe(at);
  });

  it('gives up as busy when others keep winning', async () => {
    const beaten = another(failing(store, () => Promise.reject(new StoreError('conflict', 'again'))));
    await expect(beaten.handle(countingDecider, ref, publish, meta('c1'))).rejects.toMatchObject({
      code: 'busy',
    });
  });

  it('lets a caller repeat a command whose outcome was unknown, and stores it once', async () => {
    let sent = 0;
    const lossy = another(
      failing(store, async (commit, expected) => {
        const stored = await store.append(commit, expected);
        sent += 1;
        if (sent === 1) throw new StoreError('unknown-outcome', 'the answer was lost');
        return stored;
      }),
    );
    await expect(lossy.handle(countingDecider, ref, publish, meta('c1'))).rejects.toMatchObject({
      code: 'unknown-outcome',
    });
    const again = await lossy.handle(countingDecider, ref, publish, meta('c1'));
    expect(again).toMatchObject({ position: 1, repeated: true });
    expect(await store.load(ref)).toHaveLength(1);
  });

  it('reads an aggregate anew when what it knew is gone from the store', async () => {
    let current = store;
    const replaced = failing(store, (commit, expected) => current.append(commit, expected));
    const reader = another({ ...replaced, load: (of, after) => current.load(of, after) });
    await reader.handle(countingDecider, ref, publish, meta('c1'));
    current = new InMemoryEventStore();
    const result = await reader.handle(countingDecider, ref, publish, meta('c2'));
    expect(result).toMatchObject({ position: 1, state: { versions: 1 } });
  });

  it('keeps the state equal to the fold of the stored commits, whoever wrote them', async () => {
    const command = fc.record({
      writer: fc.nat({ max: 2 }),
      aggregate: fc.constantFrom('a', 'b'),
      id: fc.nat({ max: 12 }),
      type: fc.constantFrom<CountingCommand['type']>('publish', 'publish', 'publish', 'settle', 'deprecate'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
        const shared = new InMemoryEventStore();
        const writers = [another(shared), another(shared), another(lagging(shared))];
        const acknowledged = new Map<string, Position>();
        await Promise.all(
          commands.map(async ({ writer, aggregate, id, type }) => {
            const of = pipelineRef(aggregate);
            const commandId = `${aggregate}-${id}`;
            try {
              const result = await writers[writer]!.handle(countingDecider, of, { type }, meta(commandId));
              if (result.events.length === 0) return;
              expect(acknowledged.get(commandId) ?? result.position).toBe(result.position);
              acknowledged.set(commandId, result.position);
            } catch (error) {
              expect(error).toMatchObject({
                code: expect.stringMatching(/^(pipeline-deprecated|busy)$/) as string,
              });
            }
          }),
        );
        for (const aggregate of ['a', 'b']) {
          const of = pipelineRef(aggregate);
          const commits = await shared.load(of);
          const ids = commits.map(({ commandId }) => commandId);
          expect(new Set(ids).size).toBe(ids.length);
          for (const commit of commits) expect(acknowledged.get(commit.commandId)).toBe(commit.position);
          const events = commits.flatMap((commit) => commit.events as readonly EventsOf<'pipeline'>[]);
          const { state } = await another(shared).handle(
            countingDecider,
            of,
            { type: 'settle' },
            meta('look'),
          );
          expect(state).toEqual(fold(countingDecider, events));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('command ids', () => {
  it('are equal for equal parts and differ where any part differs, however the parts are cut', () => {
    expect(commandIdFrom('t1', 'ann', 'k')).toBe(commandIdFrom('t1', 'ann', 'k'));
    const all = [
      ['t1', 'ann', 'k'],
      ['t2', 'ann', 'k'],
      ['t1', 'annk'],
      ['t1ann', 'k'],
      ['t1', 'ann', 'k', ''],
    ];
    expect(new Set(all.map((parts) => commandIdFrom(...parts))).size).toBe(all.length);
  });

  it('name what a command creates', () => {
    const commandId = commandIdFrom('default', 'ann', 'k');
    expect(idFrom('exp', commandId)).toMatch(/^exp-[0-9a-f]{20}$/);
    expect(idFrom('exp', commandId)).toBe(idFrom('exp', commandId));
  });
});
