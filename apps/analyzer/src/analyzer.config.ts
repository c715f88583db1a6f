import { z } from 'zod';
import { logLevels, variable } from '#lib/platform';

/** The analyzer's environment. */
export const analyzerConfig = z.object({
  httpHost: variable('PHOENIX_HTTP_HOST', 'Address to listen on.', z.string().default('127.0.0.1')),
  httpPort: variable(
    'PHOENIX_HTTP_PORT',
    'Port to listen on.',
    z.coerce.number().int().min(1).max(65_535).default(8084),
  ),
  natsUrl: variable('PHOENIX_NATS_URL', 'The NATS hub.', z.string().min(1)),
  natsCreds: variable('PHOENIX_NATS_CREDS', "File with the app's NATS credentials.", z.string().min(1)),
  databaseUrl: variable('DATABASE_URL', 'PostgreSQL, as a URL.', z.string().min(1)),
  logLevel: variable('PHOENIX_LOG_LEVEL', 'How much is logged.', z.enum(logLevels).default('info')),
});
export type AnalyzerConfig = Readonly<z.output<typeof analyzerConfig>>;
