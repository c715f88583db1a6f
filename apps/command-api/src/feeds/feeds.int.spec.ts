import { changeLog, experimentView, hostView, kpiBlock, kpiChange } from '#lib/database';
import type { AggregateId, HostId, Position } from '#lib/events';
import { eventually } from '#lib/platform-testing';
import { FeedClient } from './testing/feed-client.js';
import { experimentRow, hostRow } from '../testing/rows.js';
import { startCommandApi, tenant, type RunningApi } from '../testing/running-api.js';
import { blockOf } from '../testing/blocks.js';

const AT = '2026-01-01T00:00:00.000Z';

describe('the feed over WebSocket', () => {
  let api: RunningApi;
  const clients: FeedClient[] = [];
  beforeAll(async () => {
    api = await startCommandApi();
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.cut()));
    await api.stop();
  });

  const feedUrl = (): string => `${api.url.replace('http', 'ws')}/api/v1/ws`;
  const connected = async (of: string = tenant): Promise<FeedClient> => {
    const client = new FeedClient(feedUrl());
    clients.push(client);
    await client.connect();
    client.authenticate(api.token('viewer', of));
    return client;
  };
  /** Writes an experiment and its change as the projector does, in this order within one transaction. */
  const project = async (
    id: string,
    row: Partial<Parameters<typeof experimentRow>[1]> & object,
  ): Promise<void> => {
    await api.given(experimentView, [experimentRow(id, row)]);
    await api.db
      .getRepository(changeLog)
      .insert({ tenant, view: 'experiments', key: id, position: 1 as Position, at: AT });
  };
  const phaseIn = (state: { rows: ReadonlyMap<string, unknown> }, id: string) =>
    (state.rows.get(id) as { phase: string } | undefined)?.phase;

  it('sends a snapshot, then what changed, and removes what was archived', async () => {
    await project('e1', { phase: 'draft' });
    const client = await connected();
    const list = client.subscribe('experiments');
    await eventually(() => phaseIn(list, 'e1') === 'draft', 'the snapshot');
    await project('e1', { phase: 'running' });
    await project('e2', { phase: 'draft' });
    await eventually(() => phaseIn(list, 'e1') === 'running' && list.rows.has('e2'), 'the changes');
    await project('e2', { phase: 'archived', archived: true });
    await eventually(() => !list.rows.has('e2'), 'the archived one to leave');
    expect(list.seen[0]).toBe('snapshot');
    expect(list.seen).not.toContain('resync');
  });

  it('is woken by a doorbell and does not need it', async () => {
    const client = await connected();
    const one = client.subscribe('experiment:e1');
    await eventually(() => one.rows.has('e1'), 'the snapshot');
    await project('e1', { phase: 'paused' });
    api.nats.send('feed.default.experiments', new Uint8Array());
    await eventually(() => phaseIn(one, 'e1') === 'paused', 'the change');
    await project('e3', {});
    await project('e1', { phase: 'stopped' });
    await eventually(() => phaseIn(one, 'e1') === 'stopped', 'the next change, by polling');
    expect([...one.rows.keys()]).toEqual(['e1']);
  });

  it('shows the figures whenever the analyzer has changed them', async () => {
    await project('e4', { phase: 'running', measurementAt: AT });
    const client = await connected();
    const kpis = client.subscribe('kpis:e4');
    await eventually(() => kpis.rows.has('e4'), 'figures without data');
    expect(kpis.rows.get('e4')).toMatchObject({ series: { reduction: { noData: true } } });
    const block = blockOf('h1', AT, { baseline: 1000, candidate: 250 });
    await api.given(kpiBlock, [
      {
        tenant,
        experimentId: 'e4' as AggregateId,
        host: 'h1' as HostId,
        start: AT,
        seconds: 60,
        block,
        updatedAt: AT,
      },
    ]);
    await api.db.getRepository(kpiChange).insert({ tenant, experimentId: 'e4' as AggregateId, at: AT });
    await eventually(
      () => JSON.stringify(kpis.rows.get('e4')).includes('"reduction":{"value":0.75'),
      'the reduction',
    );
    expect(kpis.rows.get('e4')).toEqual((await api.call('GET', '/api/v1/experiments/e4/kpis')).body);
  });

  it('leaves a client that was cut off a hundred times with the state of a fresh query', async () => {
    const client = await connected();
    const list = client.subscribe('experiments');
    const fleet = client.subscribe('fleet');
    const statuses = ['online', 'suspect', 'offline'] as const;
    for (let round = 0; round < 100; round += 1) {
      await project(`r${round % 7}`, {
        phase: round % 3 === 0 ? 'running' : 'paused',
        archived: round % 5 === 4,
      });
      if (round % 10 === 0) {
        await api.given(hostView, [
          hostRow(`h${round}`, { generation: round, status: statuses[round % 3]! }),
        ]);
        await api.db
          .getRepository(changeLog)
          .insert({ tenant, view: 'hosts', key: `h${round}`, position: 1 as Position, at: AT });
      }
      await client.cut();
      await client.connect();
      client.authenticate(api.token('viewer'));
      client.subscribe('experiments');
      client.subscribe('fleet');
    }
    const fresh = async (path: string) => {
      const { body } = await api.call('GET', path);
      const items = body['items'] as { readonly id: string }[];
      return Object.fromEntries(items.map((item) => [item.id, item]));
    };
    const experiments = await fresh('/api/v1/experiments?limit=200');
    const hosts = await fresh('/api/v1/fleet/hosts?limit=200');
    await eventually(
      () => list.rows.size === Object.keys(experiments).length && fleet.rows.size === 10,
      'all rows',
    );
    await eventually(
      () => JSON.stringify(Object.fromEntries([...list.rows].sort())) === JSON.stringify(sorted(experiments)),
      'the state of a fresh query',
    );
    expect(Object.fromEntries(fleet.rows)).toEqual(hosts);
  });

  it('shows nothing to a stranger, nothing of another tenant, and answers what is sent wrongly', async () => {
    const stranger = new FeedClient(feedUrl());
    await stranger.connect();
    stranger.send({ op: 'subscribe', view: 'experiments' });
    await eventually(() => stranger.closed !== undefined, 'the door is closed');
    expect([stranger.closed, stranger.errors()]).toEqual([4401, ['unauthenticated']]);

    const other = await connected('other');
    const list = other.subscribe('experiments');
    await eventually(() => list.seen.length > 0, 'the snapshot');
    expect(list.rows.size).toBe(0);
    other.send('no json');
    other.send({ op: 'subscribe', view: 'secrets' });
    other.send({ op: 'subscribe', view: 'experiments', cursor: 'x' });
    await eventually(() => other.errors().length === 3, 'three errors');
    expect(other.errors()).toEqual(['invalid-message', 'unknown-view', 'invalid-message']);
  });

  it('takes a token in the address and starts a view over when its cursor is from elsewhere', async () => {
    const client = new FeedClient(`${feedUrl()}?access_token=${api.token('viewer')}`);
    clients.push(client);
    await client.connect();
    await eventually(() => client.messages.some(({ op }) => op === 'ready'), 'the welcome');
    const list = client.subscribe('experiments');
    await eventually(() => list.cursor !== undefined, 'the snapshot');
    client.send({ op: 'subscribe', view: 'experiments', cursor: '999999999' });
    await eventually(() => list.seen.includes('resync'), 'the new start');
    await eventually(() => list.seen.at(-1) === 'snapshot', 'the snapshot after it');
  });
});

function sorted(rows: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(rows).sort(([a], [b]) => (a < b ? -1 : 1)));
}
