import { position, type Position, type TenantId } from '#lib/events';
import type { Advance } from '#lib/platform';
import { eventually } from '#lib/platform-testing';
import { CommitLog } from '../testing/commit-log.js';
import { runnerOf, tallied, TALLY_TABLE } from '../testing/tally.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { PostgresProjectionStore } from './projection-store.js';

/** Notes, at the very commit of each transaction that moves a checkpoint, whether it waits for the disk. */
const WITNESS = `
  CREATE TABLE witness (position bigint, waits text);
  CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO witness VALUES (NEW.position, current_setting('synchronous_commit'));
      RETURN NULL;
    END $$;
  CREATE CONSTRAINT TRIGGER noted AFTER UPDATE OF position ON projection_checkpoint
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note();`;

describe('the projection store', () => {
  let database: TestDatabase;
  let store: PostgresProjectionStore;

  beforeAll(async () => {
    database = await startTestDatabase();
    await database.source.query(TALLY_TABLE);
    await database.source.query(WITNESS);
    store = new PostgresProjectionStore(database.source);
  });
  afterAll(() => database.stop());
  beforeEach(() =>
    database.source.query('TRUNCATE tally, witness, projection_checkpoint, parked_aggregate, change_log'),
  );

  const witnessed = () =>
    database.source.query<{ position: string; waits: string }[]>('SELECT * FROM witness ORDER BY position');
  const moved = async (to: number, advance: Advance): Promise<Position> => {
    const lease = (await store.acquire('tally', 'a'))!;
    await store.advance(lease, position(to), () => Promise.resolve(advance));
    return (await store.acquire('tally', 'a'))!.position;
  };
  const change = { tenant: 'default' as TenantId, view: 'tally', key: 'p1', position: position(2) };
  const parked = { subject: 'evt.default.pipeline.p1', position: position(3), code: 'x', detail: '' };

  it('waits for the disk when a change or a parked commit is recorded, not when only the checkpoint moves', async () => {
    expect(await moved(1, { changes: [], parked: [] })).toBe(1);
    expect(await moved(2, { changes: [change], parked: [] })).toBe(2);
    expect(await moved(3, { changes: [], parked: [parked] })).toBe(3);
    expect(await witnessed()).toEqual([
      { position: '1', waits: 'off' },
      { position: '2', waits: 'on' },
      { position: '3', waits: 'on' },
    ]);
  });

  it('ends the session of a holder that freezes in the transaction, not that of one that waits between two', async () => {
    const lease = (await store.acquire('tally', 'a'))!;
    const seen: unknown[] = [];
    await store.advance(lease, position(1), async (sql) => {
      seen.push(...(await sql.query('SHOW idle_in_transaction_session_timeout')));
      return { changes: [], parked: [] };
    });
    expect(seen).toEqual([{ idle_in_transaction_session_timeout: '30s' }]);
    const [after] = await database.source.query<object[]>('SHOW idle_in_transaction_session_timeout');
    expect(after).toEqual({ idle_in_transaction_session_timeout: '0' });
  });

  it('passes over any number of foreign commits in a few transactions, and loses none of its own', async () => {
    const log = new CommitLog();
    log.append('p1');
    for (let i = 0; i < 2_000; i += 1) log.appendRaw('evt.default.host.h1', new Uint8Array([0xff]));
    const last = log.append('p1');
    const runner = runnerOf(database.source, log, { owner: 'a' });
    runner.start();
    await eventually(() => Promise.resolve(runner.status.position === last), 'the runner has caught up');
    await runner.stop();
    expect(await tallied(database.source)).toEqual([1, last]);
    expect((await witnessed()).length).toBeLessThanOrEqual(4);
  });
});
