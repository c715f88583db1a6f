import { connectDataSource, verifySchema } from './connect.js';
import { startTestDatabase, type TestDatabase } from './testing/test-database.js';

const log = { warn: () => undefined };

describe('the start of a database connection', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(() => database.stop());

  it('accepts a database that has everything, and more', async () => {
    await database.source.query('ALTER TABLE app_user ADD COLUMN nickname text');
    await expect(verifySchema(database.source)).resolves.toBeUndefined();
  });

  it('names what an older database lacks, and what to do', async () => {
    await database.source.query('ALTER TABLE host_view DROP COLUMN site');
    await expect(verifySchema(database.source)).rejects.toMatchObject({
      name: 'SchemaError',
      missing: ['host_view.site'],
      message: expect.stringContaining('npm run migrate') as string,
    });
  });

  it('names a server that does not answer, and keeps the password to itself', async () => {
    const connecting = connectDataSource('postgres://phoenix:hunter2@127.0.0.1:1/phoenix', log);
    const refusal = await connecting.catch((error: unknown) => String(error));
    expect(refusal).toBe('ConnectionError: Postgres at 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1');
  });
});
