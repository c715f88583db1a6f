import { z } from 'zod';
import { variable } from '#lib/platform';

/** What the migration tool needs. */
export const migrateConfig = z.object({
  databaseUrl: variable('DATABASE_URL', 'PostgreSQL, as a URL.', z.string().min(1)),
  natsUrl: variable('PHOENIX_NATS_URL', 'The NATS hub whose streams are applied.', z.string().min(1)),
  natsCreds: variable(
    'PHOENIX_NATS_CREDS',
    'File with NATS credentials of the services account.',
    z.string().min(1),
  ),
});
export type MigrateConfig = Readonly<z.output<typeof migrateConfig>>;
