import { z } from 'zod';
import { logLevels, variable } from '#lib/platform';

const port = z.coerce.number().int().min(0).max(65_535);
const text = z.string().min(1);

/** The environment of command-api. */
export const commandApiConfig = z.object({
  httpHost: variable('PHOENIX_HTTP_HOST', 'Address to listen on.', text.default('127.0.0.1')),
  httpPort: variable('PHOENIX_HTTP_PORT', 'Port of the API, the page and the feed.', port.default(8080)),
  wsPort: variable('PHOENIX_WS_PORT', 'Second port of the feed, for WebSockets alone.', port.default(8081)),
  natsUrl: variable('PHOENIX_NATS_URL', 'The NATS hub.', text),
  natsCreds: variable('PHOENIX_NATS_CREDS', "File with the app's NATS credentials.", text),
  databaseUrl: variable('DATABASE_URL', 'PostgreSQL, as a URL.', text),
  jwtSecretFile: variable(
    'PHOENIX_JWT_SECRET_FILE',
    'File with the secret that signs tokens, 32 bytes or more.',
    text,
  ),
  logLevel: variable('PHOENIX_LOG_LEVEL', 'How much is logged.', z.enum(logLevels).default('info')),
  adminEmail: variable(
    'PHOENIX_ADMIN_EMAIL',
    'Email of the first admin.',
    z.email().default('admin@phoenix.io'),
  ),
  adminPasswordFile: variable(
    'PHOENIX_ADMIN_PASSWORD_FILE',
    'File with the password of the first admin, read only while nobody can log in.',
    text.optional(),
  ),
});
export type CommandApiConfig = Readonly<z.output<typeof commandApiConfig>>;
