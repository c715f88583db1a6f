import * as fc from 'fast-check';
import type { AggregateId, HostId, Position, TenantId } from '#lib/events';
import { metricWindow, type MetricWindow } from '../tables/metric.table.js';
import { pipelineView, type PipelineView } from '../tables/pipeline.table.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { inTransaction } from './sql.js';
import { readRows, upsert, upsertForward } from './upsert.js';

const pipeline = (id: string, position: number, rest: Partial<PipelineView> = {}): PipelineView => ({
  tenant: 'default' as TenantId,
  id: id as AggregateId,
  position: position as Position,
  name: `${id} at ${position}`,
  description: '',
  latestVersion: 0,
  deprecated: false,
  deprecatedReason: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  createdBy: 'tester',
  updatedAt: '2026-01-01T00:00:00.000Z',
  ...rest,
});

describe('an upsert', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(() => database.stop());
  beforeEach(() => database.source.query('TRUNCATE pipeline_view, metric_window'));

  const write = (rows: readonly PipelineView[]) =>
    inTransaction(database.source, (sql) => upsertForward(sql, pipelineView, rows));
  const read = (...ids: string[]) =>
    inTransaction(database.source, (sql) =>
      readRows(
        sql,
        pipelineView,
        ids.map((id) => ({ tenant: 'default' as TenantId, id: id as AggregateId })),
      ),
    );

  it('gives back every kind of value as it was written, with and without TypeORM', async () => {
    const text = fc.string({ unit: 'grapheme' }).map((s) => s.replaceAll('\0', ''));
    await fc.assert(
      fc.asyncProperty(text, fc.option(text), fc.boolean(), async (name, deprecatedReason, deprecated) => {
        await database.source.query('TRUNCATE pipeline_view');
        const row = pipeline('p1', 7, { name, deprecatedReason, deprecated });
        await write([row]);
        expect(await read('p1')).toEqual([row]);
        expect(await database.source.getRepository(pipelineView).find()).toEqual([row]);
      }),
      { numRuns: 40 },
    );
  });

  it('moves a row forward and never back, whatever the order of writing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), async (positions) => {
        await database.source.query('TRUNCATE pipeline_view');
        for (const position of positions) await write([pipeline('p1', position)]);
        expect(await read('p1')).toEqual([pipeline('p1', Math.max(...positions))]);
      }),
      { numRuns: 15 },
    );
  });

  it('writes many rows in one statement and reads back those that are asked for', async () => {
    await write(Array.from({ length: 3000 }, (_, i) => pipeline(`p${i}`, i + 1)));
    expect(await read('p2999', 'nobody')).toEqual([pipeline('p2999', 3000)]);
    await expect(write([])).resolves.toBeUndefined();
  });

  it('keeps or replaces an existing row as it is told, bytes included', async () => {
    const window = (n: number): MetricWindow => ({
      tenant: 'default' as TenantId,
      host: 'h1' as HostId,
      start: '2026-01-01T00:00:10.000Z',
      experimentId: null,
      payload: Buffer.from([0, n, 255]),
      epoch: 'e1',
      n,
      receivedAt: '2026-01-01T00:00:20.000Z',
    });
    const store = (n: number, existing: 'keep' | 'replace') =>
      inTransaction(database.source, (sql) => upsert(sql, metricWindow, [window(n)], { existing }));
    const stored = () => database.source.getRepository(metricWindow).find();
    await store(1, 'keep');
    await store(2, 'keep');
    expect(await stored()).toEqual([window(1)]);
    await store(2, 'replace');
    expect(await stored()).toEqual([window(2)]);
  });

  it('blames the data for what the database refuses, and nothing else', async () => {
    await expect(write([pipeline('p1', 1, { name: 'NUL \0' })])).rejects.toMatchObject({
      name: 'PoisonCommit',
      code: 'rejected-by-database',
    });
    const unknownTable = inTransaction(database.source, (sql) => sql.query('SELECT * FROM nothing'));
    await expect(unknownTable).rejects.not.toMatchObject({ name: 'PoisonCommit' });
  });
});
