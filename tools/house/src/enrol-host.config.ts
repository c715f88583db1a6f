import { z } from 'zod';
import { variable } from '#lib/platform';

/** What the enrol job of an installation with containers needs. */
export const enrolHostConfig = z.object({
  apiUrl: variable('PHOENIX_API_URL', 'Where command-api answers.', z.url()),
  gatewayUrl: variable('PHOENIX_GATEWAY_URL', 'Where agent-gateway enrols hosts.', z.url()),
  adminPasswordFile: variable(
    'PHOENIX_ADMIN_PASSWORD_FILE',
    'File with the password of the first admin, who makes the enrolment token.',
    z.string().min(1),
  ),
  agentDirectory: variable(
    'PHOENIX_AGENT_DIR',
    'Folder of the agent, which keeps its identity.',
    z.string().min(1),
  ),
  doorDirectory: variable(
    'PHOENIX_DOOR_DIR',
    "Folder for what the leaf needs (`leaf`) and for the agent's password at it (`agent`).",
    z.string().min(1),
  ),
  collector: variable('PHOENIX_OTELCOL', 'The OpenTelemetry Collector of the host.', z.string().optional()),
});
export type EnrolHostConfig = Readonly<z.output<typeof enrolHostConfig>>;
