import * as fc from 'fast-check';
import type { AggregateId, HostId, Position, TenantId } from '#lib/events';
import { systemClock } from '#lib/platform';
import { TestClock } from '#lib/platform-testing';
import { PostgresProjectionStore } from '../projection/projection-store.js';
import { upsert } from '../sql/upsert.js';
import { inTransaction } from '../sql/sql.js';
import type { Table } from '../schema/table.js';
import { experimentView, type ExperimentView } from '../tables/experiment.table.js';
import { hostPresence, hostView } from '../tables/host.table.js';
import { kpiBlock } from '../tables/metric.table.js';
import { experimentRow, hostRow, tenant } from '../testing/rows.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { changesAfter, latestChange, waitForPosition } from './changes.js';
import { listExperiments, type ExperimentListQuery } from './experiments.js';
import { findHost, hostsMatching, listHosts } from './fleet.js';
import { kpiBlocks, latestKpiBlocks } from './kpis.js';

const other = 'other' as TenantId;
const minute = (n: number) => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();

describe('the queries', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(() => database.stop());
  beforeEach(() =>
    database.source.query(
      'TRUNCATE experiment_view, host_view, host_presence, kpi_block, change_log, projection_checkpoint',
    ),
  );
  const given = <Row extends object>(table: Table<Row>, rows: readonly Row[]) =>
    inTransaction(database.source, (sql) => upsert(sql, table, rows, { existing: 'replace' }));

  describe('for experiments', () => {
    const list = async (query: Partial<ExperimentListQuery> = {}) =>
      listExperiments(database.source, { tenant, sort: 'createdAt', direction: 'asc', limit: 100, ...query });
    const ids = async (query: Partial<ExperimentListQuery> = {}) =>
      (await list(query)).items.map(({ id }) => id);

    it('give every row once over all pages, in both directions, also where times are equal', async () => {
      const rows = Array.from({ length: 25 }, (_, i) =>
        experimentRow(`e${String(i).padStart(2, '0')}`, { createdAt: minute(Math.floor(i / 4)) }),
      );
      await given(experimentView, rows);
      for (const direction of ['asc', 'desc'] as const) {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await list({ direction, limit: 7, ...(cursor === undefined ? {} : { cursor }) });
          seen.push(...page.items.map(({ id }) => id));
          cursor = page.next;
        } while (cursor !== undefined);
        const wanted = rows.map(({ id }) => id);
        expect(seen).toEqual(direction === 'asc' ? wanted : wanted.reverse());
      }
    });

    it('filter by phase and part of the name, and leave archived ones out unless asked', async () => {
      await given(experimentView, [
        experimentRow('a', { name: 'Top 20', phase: 'running' }),
        experimentRow('b', { name: 'top 50% of all', phase: 'draft' }),
        experimentRow('c', { name: 'Aggregated', phase: 'running' }),
        experimentRow('d', { name: 'Old top', phase: 'archived', archived: true }),
        experimentRow('e', { tenant: other, name: 'Top 20', phase: 'running' }),
      ]);
      expect(await ids({ phases: ['running'] })).toEqual(['a', 'c']);
      expect(await ids({ search: 'TOP' })).toEqual(['a', 'b']);
      expect(await ids({ search: '50%' })).toEqual(['b']);
      expect(await ids({ search: 'top', includeArchived: true })).toEqual(['a', 'b', 'd']);
      expect(await ids({ sort: 'name' })).toEqual(['c', 'a', 'b']);
    });

    it('filter by host, labels of the targets and template of the candidate', async () => {
      const named = experimentRow('a').spec;
      const labelled = { ...named, targets: { labels: { role: 'web', zone: 'eu' } } };
      const catalogued = { ...named, candidate: { kind: 'pipeline', pipelineId: 'p1', version: 1 } as const };
      await given(experimentView, [
        experimentRow('a'),
        experimentRow('b', { spec: labelled }),
        experimentRow('c', { spec: labelled, phase: 'running', hosts: ['h2' as HostId, 'h9' as HostId] }),
        experimentRow('d', {
          spec: catalogued,
          candidate: { template: 'hybrid', parameters: {} },
          phase: 'stopped',
        }),
      ]);
      expect(await ids({ host: 'h1' })).toEqual(['a']);
      expect(await ids({ host: 'h9' })).toEqual(['c']);
      expect(await ids({ labels: { role: 'web' } })).toEqual(['b', 'c']);
      expect(await ids({ labels: { role: 'web', zone: 'us' } })).toEqual([]);
      expect(await ids({ template: 'topk' })).toEqual(['a', 'b', 'c']);
      expect(await ids({ template: 'hybrid' })).toEqual(['d']);
      expect(await ids({ template: 'topk', host: 'h2', phases: ['running'], search: 'C' })).toEqual(['c']);
    });

    describe('in pages', () => {
      const anyRow = (id: string) =>
        fc
          .record({
            name: fc.constantFrom('a', 'B', 'ä', 'same', 'Z z'),
            minute: fc.nat({ max: 4 }),
            phase: fc.constantFrom('running', 'draft'),
          })
          .map(({ name, minute: at, phase }, n = Number(id.slice(1))) =>
            experimentRow(id, {
              name,
              phase,
              position: (n + 1) as Position,
              createdAt: minute(at),
              updatedAt: minute(at),
            }),
          );
      const anyRows = fc
        .nat({ max: 25 })
        .chain((count) => fc.tuple(...Array.from({ length: count }, (_, n) => anyRow(`e${n}`))));
      const anyQuery = fc.record(
        {
          sort: fc.constantFrom('createdAt', 'updatedAt', 'name'),
          direction: fc.constantFrom('asc', 'desc'),
          limit: fc.integer({ min: 1, max: 9 }),
          phases: fc.constant(['running'] as const),
        },
        { requiredKeys: ['sort', 'direction', 'limit'] },
      );
      /** All pages, with something done between them. */
      const pagesOf = async (
        query: Partial<ExperimentListQuery>,
        between: (page: number) => Promise<void>,
      ) => {
        const seen: ExperimentView[] = [];
        let cursor: string | undefined;
        for (let page = 1; page === 1 || cursor !== undefined; page += 1) {
          const { items, next } = await list({ ...query, ...(cursor === undefined ? {} : { cursor }) });
          expect(items.length).toBeLessThanOrEqual(query.limit!);
          seen.push(...items);
          cursor = next;
          if (cursor !== undefined) await between(page);
        }
        return seen;
      };
      const reset = async (rows: readonly ExperimentView[]) => {
        await database.source.query('TRUNCATE experiment_view');
        await given(experimentView, rows);
      };

      it('are the full list, cut', async () => {
        await fc.assert(
          fc.asyncProperty(anyRows, anyQuery, async (rows, query) => {
            await reset(rows);
            const whole = await list({ ...query, limit: 1000 });
            expect(whole.next).toBeUndefined();
            expect(await pagesOf(query, () => Promise.resolve())).toEqual(whole.items);
          }),
          { numRuns: 60 },
        );
      });

      it('lose no row that changes meanwhile, and show its newest state last', async () => {
        const changes = fc.array(fc.tuple(fc.nat(), fc.constantFrom('a', 'M', 'zz')), { maxLength: 12 });
        await fc.assert(
          fc.asyncProperty(anyRows, anyQuery, changes, async (rows, { phases: _, ...query }, todo) => {
            await reset(rows);
            const now = new Map(rows.map((row) => [row.id, row]));
            let position = 100;
            const seen = await pagesOf(query, async (page) => {
              const change = todo[page - 1];
              if (change === undefined) return;
              const row = rows[change[0] % rows.length]!;
              position += 1;
              const changed = {
                ...now.get(row.id)!,
                ...{ name: change[1], updatedAt: minute(position), position: position as Position },
              };
              now.set(row.id, changed);
              await given(experimentView, [changed]);
            });
            const last = new Map(seen.map((row) => [row.id, row]));
            expect([...last.keys()].sort()).toEqual(rows.map(({ id }) => id).sort());
            // By the time of creation nothing moves: each comes once, in order.
            if (query.sort === 'createdAt') expect(seen).toHaveLength(rows.length);
            else expect(last).toEqual(now);
          }),
          { numRuns: 60 },
        );
      });

      it('refuse a cursor of another filter, and one with a value that is none', async () => {
        await given(experimentView, [experimentRow('a'), experimentRow('b')]);
        const { next } = await list({ limit: 1 });
        await expect(list({ cursor: next!, phases: ['draft'] })).rejects.toMatchObject({
          code: 'bad-cursor',
        });
        const [key, part, asOf] = JSON.parse(Buffer.from(next!, 'base64url').toString()) as unknown[];
        for (const after of [['soon', 'a'], ['2026-01-01', 'a'], [minute(1), 'a\0'], [minute(1)], 7]) {
          const cursor = Buffer.from(JSON.stringify([key, part, asOf, after])).toString('base64url');
          await expect(list({ cursor })).rejects.toMatchObject({ code: 'bad-cursor' });
        }
      });
    });

    it('refuse a cursor of another order, and one that is none', async () => {
      await given(experimentView, [experimentRow('a'), experimentRow('b')]);
      const { next } = await list({ limit: 1 });
      await expect(list({ cursor: next!, sort: 'name' })).rejects.toMatchObject({ code: 'bad-cursor' });
      await expect(list({ cursor: 'x' })).rejects.toMatchObject({ code: 'bad-cursor' });
    });
  });

  describe('for hosts', () => {
    it('add the last heartbeat, or say that there was none', async () => {
      const presence = {
        tenant,
        host: 'h1' as HostId,
        bootId: 'b1',
        lastHeartbeatAt: minute(3),
        agentCpuPercent: 1.25,
        agentRssBytes: 5_000_000_000,
        outboxResults: 0,
        outboxMetrics: 2,
        collectors: [],
        sentAt: null,
        generation: null,
        outboxDropped: null,
        outboxFailure: null,
        door: null,
        linkServer: null,
        linkRttMs: null,
        ingress: null,
      };
      await given(hostView, [hostRow('h1'), hostRow('h2'), hostRow('h3', { tenant: other })]);
      await given(hostPresence, [presence]);
      expect(await listHosts(database.source, tenant)).toEqual([
        // What a collector offers is read by its own query.
        { ...hostRow('h1'), collectorOffers: undefined, presence },
        { ...hostRow('h2'), collectorOffers: undefined, presence: null },
      ]);
      expect(await findHost(database.source, tenant, 'h3' as HostId)).toBeNull();
    });

    it('match targets by id, label and site, never a revoked host', async () => {
      await given(hostView, [
        hostRow('h1', { labels: { env: 'prod', rack: '1' }, site: 'fra' }),
        hostRow('h2', { labels: { env: 'prod' } }),
        hostRow('h3', { labels: { env: 'prod' }, status: 'revoked' }),
        hostRow('h4', { labels: { env: 'test' }, site: 'fra' }),
      ]);
      const match = async (targets: Parameters<typeof hostsMatching>[2]) =>
        (await hostsMatching(database.source, tenant, targets)).map(({ id }) => id);
      expect(await match({ labels: { env: 'prod' } })).toEqual(['h1', 'h2']);
      expect(await match({ labels: { env: 'prod' }, site: 'fra' })).toEqual(['h1']);
      expect(await match({ hosts: ['h3', 'h4'] as HostId[] })).toEqual(['h4']);
    });
  });

  it('give KPI blocks in canonical order, and the newest of each host', async () => {
    const experimentId = 'e1' as AggregateId;
    const block = (host: string, at: number) => ({
      tenant,
      experimentId,
      host: host as HostId,
      start: minute(at),
      seconds: 60,
      block: { at },
      updatedAt: minute(at),
    });
    await given(kpiBlock, [block('h2', 2), block('h1', 2), block('h2', 1), block('h1', 1)]);
    expect(await kpiBlocks(database.source, tenant, experimentId)).toEqual([
      block('h1', 1),
      block('h2', 1),
      block('h1', 2),
      block('h2', 2),
    ]);
    expect(await latestKpiBlocks(database.source, tenant, experimentId)).toEqual([
      block('h1', 2),
      block('h2', 2),
    ]);
  });

  describe('for feeds', () => {
    const advance = async (to: number, key: string) => {
      const store = new PostgresProjectionStore(database.source);
      const lease = await store.acquire('hosts', 'test');
      const change = { tenant, view: 'hosts', key, position: to as Position };
      await store.advance(lease!, to as Position, () => Promise.resolve({ changes: [change], parked: [] }));
    };

    it('give the changes of a view after a cursor', async () => {
      expect(await latestChange(database.source, tenant, 'hosts')).toBe(0);
      await advance(1, 'h1');
      const cursor = await latestChange(database.source, tenant, 'hosts');
      await advance(2, 'h2');
      await advance(3, 'h3');
      const of = { tenant, view: 'hosts' } as const;
      const keys = (await changesAfter(database.source, of, cursor, 10)).map(({ key }) => key);
      expect(keys).toEqual(['h2', 'h3']);
      expect(await changesAfter(database.source, of, cursor, 1)).toHaveLength(1);
      expect(await changesAfter(database.source, { ...of, tenant: other }, 0, 10)).toEqual([]);
    });

    it('wait until a projection has a position, or say that it has not', async () => {
      const wanted = { projection: 'hosts', position: 5 as Position } as const;
      const waiting = waitForPosition(database.source, systemClock, wanted, 20_000);
      await advance(5, 'h1');
      expect(await waiting).toBe(true);
      const later = { ...wanted, position: 6 as Position };
      expect(await waitForPosition(database.source, new TestClock(), later, 0)).toBe(false);
    });
  });
});
