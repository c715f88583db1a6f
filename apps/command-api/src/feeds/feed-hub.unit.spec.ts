import fc from 'fast-check';
import type { TenantId } from '#lib/events';
import { FeedHub, type Subscription } from './feed-hub.js';
import type { FeedSource, Rows, Topic } from './feed-source.js';
import type { ServerMessage } from './protocol.js';
import { FeedState } from './testing/feed-state.js';

/** A view in memory with a log of changed keys, as the database keeps one. */
class MemorySource implements FeedSource {
  readonly rows = new Map<string, number>();
  readonly log: string[] = [];
  reads = 0;
  maxDelta = Infinity;

  set(key: string, value: number | null): void {
    if (value === null) this.rows.delete(key);
    else this.rows.set(key, value);
    this.log.push(key);
  }

  head = (): Promise<number> => Promise.resolve(this.log.length);

  snapshot(): Promise<Rows> {
    this.reads += 1;
    const rows = [...this.rows].map(([key, row]) => ({ key, row }));
    return Promise.resolve({ cursor: this.log.length, rows });
  }

  changes(_topic: Topic, after: number): Promise<Rows | undefined> {
    this.reads += 1;
    const keys = [...new Set(this.log.slice(after))];
    if (keys.length > this.maxDelta) return Promise.resolve(undefined);
    const rows = keys.map((key) => ({ key, row: this.rows.get(key) ?? null }));
    return Promise.resolve({ cursor: this.log.length, rows });
  }
}

const topic: Topic = { tenant: 'default' as TenantId, view: { kind: 'experiments' }, name: 'experiments' };

/** A client that subscribes, from its last cursor when it has one. */
function subscribe(hub: FeedHub, state: FeedState, isReady = () => true): Subscription {
  const subscription: Subscription = {
    topic,
    cursor: state.cursor === undefined ? undefined : Number(state.cursor),
    ready: isReady,
    send: (message) => state.apply(JSON.parse(message.toString()) as ServerMessage),
  };
  hub.add(subscription);
  return subscription;
}

describe('the feed', () => {
  it('starts a view with a snapshot and goes on with deltas', async () => {
    const source = new MemorySource();
    source.set('a', 1);
    const hub = new FeedHub(source);
    const client = new FeedState();
    subscribe(hub, client);
    await hub.round();
    source.set('b', 2);
    source.set('a', null);
    await hub.round();
    await hub.round();
    expect(client.seen).toEqual(['snapshot', 'delta']);
    expect([...client.rows]).toEqual([['b', 2]]);
  });

  it('reads once for all clients that stand at the same cursor', async () => {
    const source = new MemorySource();
    const hub = new FeedHub(source);
    const clients = Array.from({ length: 50 }, () => new FeedState());
    clients.forEach((client) => subscribe(hub, client));
    await hub.round();
    source.set('a', 1);
    await hub.round();
    expect(source.reads).toBe(2);
    expect(clients.every(({ rows }) => rows.get('a') === 1)).toBe(true);
  });

  it('sends nothing to a client that does not read, and brings it up to date from its cursor when it does', async () => {
    const source = new MemorySource();
    const hub = new FeedHub(source);
    const client = new FeedState();
    let isReading = true;
    subscribe(hub, client, () => isReading);
    await hub.round();
    isReading = false;
    source.set('a', 1);
    await hub.round();
    expect(client.rows.size).toBe(0);
    isReading = true;
    await hub.round();
    expect(client.seen).toEqual(['snapshot', 'delta']);
    expect(client.rows.get('a')).toBe(1);
  });

  it('asks a client to start over when too much has changed or its cursor is not known', async () => {
    const source = new MemorySource();
    source.maxDelta = 2;
    const hub = new FeedHub(source);
    const behind = new FeedState();
    behind.cursor = '0';
    const fromElsewhere = new FeedState();
    fromElsewhere.cursor = '1000';
    ['a', 'b', 'c'].forEach((key) => source.set(key, 1));
    subscribe(hub, behind);
    subscribe(hub, fromElsewhere);
    await hub.round();
    expect(behind.seen).toEqual(['resync', 'snapshot']);
    expect(fromElsewhere.seen).toEqual(['resync', 'snapshot']);
    expect(fromElsewhere.rows.size).toBe(3);
  });

  it('leaves every client with the state of a fresh query, however often it was cut off', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('change' as const), key: fc.nat(5), value: fc.option(fc.nat(99)) }),
      fc.record({ kind: fc.constant('round' as const) }),
      fc.record({ kind: fc.constant('reconnect' as const), client: fc.nat(2) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const source = new MemorySource();
        const hub = new FeedHub(source);
        const states = [new FeedState(), new FeedState(), new FeedState()];
        const subscriptions = states.map((state) => subscribe(hub, state));
        for (const taken of steps) {
          if (taken.kind === 'change') source.set(String(taken.key), taken.value);
          if (taken.kind === 'round') await hub.round();
          if (taken.kind === 'reconnect') {
            hub.remove(subscriptions[taken.client]!);
            subscriptions[taken.client] = subscribe(hub, states[taken.client]!);
          }
        }
        await hub.round();
        for (const { rows } of states) expect(new Map(rows)).toEqual(source.rows);
      }),
    );
  });
});
