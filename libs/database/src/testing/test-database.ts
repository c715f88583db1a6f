import { startTestParts } from '#tools/embedded';
import { createDataSource } from '../data-source.js';

/** An empty database with all tables, made from the entities; the migrations are proven to make the same ones. */
export async function startTestDatabase() {
  const parts = await startTestParts({ postgres: true });
  const source = await createDataSource(parts.postgres.url, { warn: () => undefined }).initialize();
  await source.synchronize();
  return {
    source,
    url: parts.postgres.url,
    stop: async () => {
      await source.destroy();
      await parts.stop();
    },
  };
}

export type TestDatabase = Awaited<ReturnType<typeof startTestDatabase>>;
