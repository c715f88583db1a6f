import { z } from 'zod';
import { logLevels, variable } from '#lib/platform';

/** The gateway's environment. */
export const agentGatewayConfig = z.object({
  httpHost: variable('PHOENIX_HTTP_HOST', 'Address to listen on.', z.string().default('127.0.0.1')),
  httpPort: variable(
    'PHOENIX_HTTP_PORT',
    'Port to listen on, in clear: hosts that come over HTTPS need a reverse proxy before it that ends TLS.',
    z.coerce.number().int().min(1).max(65_535).default(8082),
  ),
  natsUrl: variable('PHOENIX_NATS_URL', 'The NATS hub.', z.string().min(1)),
  natsCreds: variable('PHOENIX_NATS_CREDS', "File with the app's NATS credentials.", z.string().min(1)),
  databaseUrl: variable('DATABASE_URL', 'PostgreSQL, as a URL.', z.string().min(1)),
  logLevel: variable('PHOENIX_LOG_LEVEL', 'How much is logged.', z.enum(logLevels).default('info')),
  signingDirectory: variable(
    'PHOENIX_NATS_SIGNING_DIR',
    'Folder with the key that signs host credentials.',
    z.string().min(1),
  ),
  leafUrl: variable('PHOENIX_NATS_LEAF_URL', 'Where hosts link their leaf, told to each.', z.string().min(1)),
  installDirectory: variable(
    'PHOENIX_INSTALL_DIR',
    'Folder with what hosts install from, as `npm run build:agent` makes it; served below /install/.',
    z.string().min(1).optional(),
  ),
});
export type AgentGatewayConfig = Readonly<z.output<typeof agentGatewayConfig>>;
