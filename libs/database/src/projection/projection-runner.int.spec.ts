import type { Lease, ProjectionRunner, ProjectionStore } from '#lib/platform';
import { eventually } from '#lib/platform-testing';
import { parkedAggregate } from '../tables/projection.table.js';
import { CommitLog } from '../testing/commit-log.js';
import { runnerOf, tallied, tallyProjection, TALLY_TABLE } from '../testing/tally.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { PostgresProjectionStore } from './projection-store.js';

/** A promise that the test resolves. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('the projection runner', () => {
  let database: TestDatabase;
  let log: CommitLog;
  let runners: ProjectionRunner[];

  beforeAll(async () => {
    database = await startTestDatabase();
    await database.source.query(TALLY_TABLE);
  });
  afterAll(() => database.stop());
  beforeEach(async () => {
    await database.source.query('TRUNCATE tally, projection_checkpoint, parked_aggregate, change_log');
    log = new CommitLog();
    runners = [];
  });
  afterEach(() => Promise.all(runners.map((runner) => runner.stop())));

  const start = (options: Parameters<typeof runnerOf>[2]): ProjectionRunner => {
    const runner = runnerOf(database.source, log, options);
    runners.push(runner);
    runner.start();
    return runner;
  };
  const checkpoint = async (): Promise<number> => {
    const [row] = await database.source.query<{ position: string }[]>(
      `SELECT position FROM projection_checkpoint WHERE projection = 'tally'`,
    );
    return Number(row?.position ?? 0);
  };
  const caughtUp = async (): Promise<void> => {
    const head = await log.head();
    await eventually(async () => (await checkpoint()) === head, 'the checkpoint reaches the head');
  };
  const expireLease = () =>
    database.source.query(`UPDATE projection_checkpoint SET lease_until = now() - interval '1 second'`);

  it('writes rows, changes and checkpoint together, and rings after the commit', async () => {
    const rung: Promise<number>[] = [];
    log.append('p1');
    start({ owner: 'a', doorbell: () => void rung.push(checkpoint()) });
    await caughtUp();
    await eventually(() => rung.length > 0, 'the doorbell rings');
    expect(await rung[0]).toBe(1);
    expect(await tallied(database.source)).toEqual([1]);
    expect(await database.source.query('SELECT tenant, view, key, position FROM change_log')).toEqual([
      { tenant: 'default', view: 'tally', key: 'p1', position: '1' },
    ]);
  });

  it('applies nothing twice and skips nothing when its connection is killed in the middle of batches', async () => {
    for (let i = 0; i < 300; i += 1) log.append(`p${i % 7}`);
    let batches = 0;
    const projection = tallyProjection(async (sql) => {
      batches += 1;
      if (batches % 2 === 1 && batches < 8) await sql.query('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    start({ owner: 'a', projection });
    for (let i = 0; i < 5; i += 1) {
      await caughtUp();
      log.append('late');
    }
    await caughtUp();
    expect(batches).toBeGreaterThan(7);
    expect(await tallied(database.source)).toEqual(upTo(305));
  });

  it('goes on where a process died in the middle of a batch', async () => {
    for (let i = 0; i < 20; i += 1) log.append('p1');
    const died = gate();
    // Written, not committed, and never heard of again.
    const dead = tallyProjection(async (sql) => {
      await sql.query(`SET LOCAL idle_in_transaction_session_timeout = '200ms'`);
      died.open();
      await new Promise((resolve) => setTimeout(resolve, 1000));
    });
    const first = start({ owner: 'a', projection: dead });
    await died.opened;
    const stopped = first.stop();
    await expireLease();
    start({ owner: 'b' });
    await caughtUp();
    await stopped;
    expect(await tallied(database.source)).toEqual(upTo(20));
  });

  it('lets a paused lease holder change nothing once another has taken over', async () => {
    for (let i = 0; i < 10; i += 1) log.append('p1');
    const real = new PostgresProjectionStore(database.source);
    const paused = gate();
    const resume = gate();
    const finished: unknown[] = [];
    const sluggish: ProjectionStore = {
      acquire: (projection, owner) => real.acquire(projection, owner),
      renew: () => Promise.resolve(true), // asleep: it does not notice
      release: (lease: Lease) => real.release(lease),
      advance: async (lease, to, write) => {
        paused.open();
        await resume.opened;
        const outcome = await real.advance(lease, to, write);
        finished.push(outcome);
        return outcome;
      },
    };
    const slow = start({ owner: 'slow', store: sluggish });
    await paused.opened;
    await expireLease();
    const quick = start({ owner: 'quick' });
    await caughtUp();
    log.append('p2');
    await caughtUp();
    resume.open();
    await eventually(() => finished.length > 0, 'the sleeper wakes');
    expect(finished[0]).toBeUndefined();
    await eventually(() => slow.status.state === 'standby', 'the sleeper gives up');
    expect(quick.status.state).toBe('leading');
    expect(await tallied(database.source)).toEqual(upTo(11));
  });

  it('leaves the lease to one of two runners, and to the other when the first stops', async () => {
    log.append('p1');
    const first = start({ owner: 'a' });
    await caughtUp();
    const second = start({ owner: 'b' });
    await eventually(() => second.status.state === 'standby', 'the second stands by');
    await first.stop();
    await eventually(() => second.status.state === 'leading', 'the second leads');
    log.append('p1');
    await caughtUp();
    expect(await tallied(database.source)).toEqual([1, 2]);
  });

  it('parks an aggregate at the commit that it cannot apply, with all later ones, and goes on with the others', async () => {
    log.append('good');
    log.append('bad');
    log.appendRaw('evt.default.pipeline.bad', new TextEncoder().encode('{"v":'));
    log.append('bad');
    log.append('good');
    const runner = start({ owner: 'a' });
    await caughtUp();
    log.append('bad');
    log.append('good');
    await caughtUp();
    expect(await tallied(database.source)).toEqual([1, 2, 5, 7]);
    const parked = await database.source.getRepository(parkedAggregate).find();
    expect(parked).toMatchObject([
      { subject: 'evt.default.pipeline.bad', position: 3, lastPosition: 6, commits: 3, code: 'undecodable' },
    ]);
    expect(runner.status.parked).toEqual(['evt.default.pipeline.bad']);
  });

  it('finds the commit whose data the database refuses, and keeps it parked after a restart', async () => {
    for (let i = 0; i < 9; i += 1) log.append(`p${i % 3}`, i === 4 ? 'a NUL: \u0000' : 'fine');
    await start({ owner: 'a' }).stop();
    const runner = start({ owner: 'a' });
    await caughtUp();
    await runner.stop();
    log.append('p1');
    log.append('p2');
    start({ owner: 'b' });
    await caughtUp();
    expect(await tallied(database.source)).toEqual([1, 2, 3, 4, 6, 7, 9, 11]);
    const [parked] = await database.source.getRepository(parkedAggregate).find();
    expect(parked).toMatchObject({ position: 5, lastPosition: 10, commits: 3, code: 'rejected-by-database' });
  });

  it('waits out a failure that is not the fault of a commit, and skips nothing', async () => {
    log.append('p1');
    log.append('p1');
    let failures = 3;
    const projection = tallyProjection(() =>
      failures-- > 0 ? Promise.reject(new Error('not now')) : Promise.resolve(),
    );
    const runner = start({ owner: 'a', projection });
    await eventually(() => runner.status.error === 'not now', 'the failure is told');
    await caughtUp();
    await eventually(() => runner.status.state === 'leading', 'it leads again');
    expect(runner.status.error).toBeUndefined();
    expect(await tallied(database.source)).toEqual([1, 2]);
    expect(await database.source.getRepository(parkedAggregate).count()).toBe(0);
  });

  it('stops at an alarm when its checkpoint is above the end of the stream', async () => {
    for (let i = 0; i < 5; i += 1) log.append('p1');
    const runner = start({ owner: 'a' });
    await caughtUp();
    await runner.stop();
    log.loseTail(2);
    const restarted = start({ owner: 'a' });
    await eventually(() => restarted.status.state === 'checkpoint-ahead', 'the alarm');
    log.append('other');
    expect(await checkpoint()).toBe(5);
    expect(await tallied(database.source)).toEqual(upTo(5));
  });
});
