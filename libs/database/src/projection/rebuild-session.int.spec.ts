import { rebuildProjection, type Projection } from '#lib/platform';
import { eventually } from '#lib/platform-testing';
import { CommitLog } from '../testing/commit-log.js';
import { runnerOf, tallied, tallyProjection, TALLY_TABLE } from '../testing/tally.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { PostgresRebuildSession } from './rebuild-session.js';

describe('a rebuild', () => {
  let database: TestDatabase;
  let log: CommitLog;

  beforeAll(async () => {
    database = await startTestDatabase();
    await database.source.query(TALLY_TABLE);
  });
  afterAll(() => database.stop());
  beforeEach(async () => {
    await database.source.query('TRUNCATE tally, projection_checkpoint, parked_aggregate, change_log');
    log = new CommitLog();
  });

  const rows = () =>
    database.source.query<unknown[]>('SELECT position, aggregate_id, name FROM tally ORDER BY position');
  const checkpoint = () =>
    database.source.query<unknown[]>('SELECT projection, position FROM projection_checkpoint');
  const parked = () =>
    database.source.query<unknown[]>(
      'SELECT subject, position, last_position, commits FROM parked_aggregate',
    );
  const rebuild = async (projection: Projection = tallyProjection()) =>
    rebuildProjection(projection, log, await PostgresRebuildSession.open(database.source, projection));
  const project = async (projection: Projection = tallyProjection()): Promise<void> => {
    const runner = runnerOf(database.source, log, { owner: 'live', projection });
    const head = await log.head();
    runner.start();
    await eventually(() => runner.status.position === head, 'the projection catches up');
    await runner.stop();
  };

  it('ends with the tables that the live projection had', async () => {
    for (let i = 0; i < 50; i += 1) log.append(`p${i % 5}`);
    log.appendRaw('evt.default.pipeline.p1', new Uint8Array([255]));
    log.append('p1');
    await project();
    const before = [await rows(), await checkpoint(), await parked()];
    expect(await rebuild()).toEqual({ position: 52, parked: ['evt.default.pipeline.p1'] });
    expect([await rows(), await checkpoint(), await parked()]).toEqual(before);
  });

  it('repairs rows that an older version got wrong, and frees what it had parked', async () => {
    log.append('p1');
    log.append('p2');
    await project(
      tallyProjection(async (sql, commits) => {
        await sql.query(`UPDATE tally SET name = 'wrong' WHERE aggregate_id = 'p1'`);
        if (commits.some(({ id }) => id === 'p2')) await sql.query(`SELECT 1 / 0`);
      }),
    );
    expect(await parked()).toHaveLength(1);
    await rebuild();
    expect(await rows()).toEqual([
      { position: '1', aggregate_id: 'p1', name: 'p1' },
      { position: '2', aggregate_id: 'p2', name: 'p2' },
    ]);
    expect(await parked()).toEqual([]);
  });

  it('leaves the old rows readable until the new ones stand', async () => {
    for (let i = 0; i < 10; i += 1) log.append('p1');
    await project();
    const seen: number[] = [];
    await rebuild(
      tallyProjection(async () => {
        seen.push((await tallied(database.source)).length);
      }),
    );
    expect(new Set(seen)).toEqual(new Set([10]));
  });

  it('goes on beside a live projection, and neither loses a commit nor writes one twice', async () => {
    for (let i = 0; i < 200; i += 1) log.append('p1');
    const runner = runnerOf(database.source, log, { owner: 'live' });
    runner.start();
    const writing = setInterval(() => log.append('p2'), 2);
    await rebuild();
    await rebuild();
    clearInterval(writing);
    log.append('p3');
    const head = await log.head();
    await eventually(() => runner.status.position === head, 'the live projection goes on');
    await runner.stop();
    expect(await tallied(database.source)).toHaveLength(head);
    expect(new Set(await tallied(database.source)).size).toBe(head);
  });

  it('tells the feeds about every row that it wrote', async () => {
    log.append('p1');
    log.append('p2');
    log.append('p1');
    await rebuild();
    expect(await database.source.query('SELECT view, key, position FROM change_log ORDER BY id')).toEqual([
      { view: 'tally', key: 'p2', position: '2' },
      { view: 'tally', key: 'p1', position: '3' },
    ]);
  });

  it('is refused for a projection without tables, and when the stream lacks what the rows know', async () => {
    const publisher = { ...tallyProjection(), tables: [] };
    await expect(PostgresRebuildSession.open(database.source, publisher)).rejects.toThrow('no tables');
    for (let i = 0; i < 3; i += 1) log.append('p1');
    await project();
    log.loseTail(1);
    await expect(rebuild()).rejects.toThrow('above the end of the stream');
    expect(await tallied(database.source)).toEqual([1, 2, 3]);
  });
});
