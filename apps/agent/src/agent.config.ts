import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const text = z.string().min(1);

/** Words between commas, each of which fits a pattern. */
function list(pattern: RegExp, rule: string): z.ZodType<readonly string[] | undefined> {
  return text
    .transform((words) => words.split(',').map((word) => word.trim()))
    .transform((words) => words.filter((word) => word !== ''))
    .refine((words) => words.every((word) => pattern.test(word)), rule)
    .optional();
}

/** The agent's environment. Keys are the variables' names; descriptions feed the generated configuration pages. */
export const agentConfigSchema = z
  .object({
    PHOENIX_AGENT_DIR: text
      .default(join(homedir(), '.phoenix', 'agent'))
      .describe('Folder of the agent: identity, outbox, task journal, collectors.'),
    PHOENIX_AGENT_HOST: text.optional().describe('Id of this host. Known from the enrolment when left out.'),
    PHOENIX_AGENT_TENANT: text
      .optional()
      .describe('Tenant of this host. Known from the enrolment when left out.'),
    PHOENIX_AGENT_NATS_URL: z
      .string()
      .regex(/^(nats|tls|wss?):\/\//, 'must be a NATS address')
      .default('nats://127.0.0.1:4222')
      .describe('The leaf nats-server of this host or site, or a hub.'),
    PHOENIX_AGENT_NATS_USER: text
      .optional()
      .describe('User at the leaf. Without it the agent shows the credentials of its enrolment.'),
    PHOENIX_AGENT_NATS_PASSWORD_FILE: text.optional().describe('File with the password of that user.'),
    PHOENIX_AGENT_HUB_URL: z
      .string()
      .regex(/^(nats|tls|wss?):\/\//, 'must be a NATS address')
      .optional()
      .describe('A hub that this host may reach itself when its leaf does not let through.'),
    PHOENIX_AGENT_GATEWAY_URL: z
      .url()
      .optional()
      .describe(
        'The agent gateway, used over HTTPS while NATS cannot be reached. Known from the enrolment when left out.',
      ),
    PHOENIX_OTELCOL: text
      .optional()
      .describe(
        'The OpenTelemetry Collector. Searched as otelcol-contrib and otelcol on the PATH when left out.',
      ),
    PHOENIX_BACKEND_OTLP: z
      .url()
      .optional()
      .describe('OTLP/HTTP address of your backend. Without it nothing leaves the host but measurements.'),
    PHOENIX_BACKEND_HEADERS_FILE: text
      .optional()
      .describe('JSON file with headers for the backend, such as an API key: {"name": "value"}.'),
    PHOENIX_DESTINATIONS_FILE: text
      .optional()
      .describe(
        'JSON file with the destinations of this host by the names that pipelines give them, such as {"default": {"kind": "newRelic", "region": "eu", "apiKey": "${file:/etc/phoenix/key}"}}.',
      ),
    OTEL_RESOURCE_ATTRIBUTES: text
      .optional()
      .describe(
        'What this host is, for pipelines that ask it: key=value pairs with commas between them, such as team=shop,deployment.environment=prod. Where it cannot be read, all of it is left out, and log and doctor say so.',
      ),
    PHOENIX_IMPORT_ENV: list(
      /^(?!PHOENIX_)[A-Za-z_]\w*$/,
      'must be names of variables other than PHOENIX_*',
    ).describe(
      'Variables of the agent, separated by commas, that collectors with an imported configuration may read. Without it they may read none.',
    ),
    PHOENIX_IMPORT_FILES: list(/^\/(?!.*\/\.{1,2}(?:\/|$))/, 'must be absolute paths').describe(
      'Files, separated by commas, that imported configurations may name as ${file:…}; a path that ends with a slash stands for all below it. Without it they may name none.',
    ),
    PHOENIX_LOG_LEVEL: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('How much the agent logs.'),
  })
  .refine(
    (config) =>
      (config.PHOENIX_AGENT_NATS_USER === undefined) ===
      (config.PHOENIX_AGENT_NATS_PASSWORD_FILE === undefined),
    {
      path: ['PHOENIX_AGENT_NATS_PASSWORD_FILE'],
      message: 'and PHOENIX_AGENT_NATS_USER belong together',
    },
  );
export type AgentConfig = Readonly<z.output<typeof agentConfigSchema>> & {
  /** Folders in which programs are searched. */
  readonly path: readonly string[];
};

/** All that is wrong with the environment, without a value. */
export class AgentConfigError extends Error {
  override readonly name = 'AgentConfigError';
}

/** What references to variables in the destinations of a host are read from. */
export function agentEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/** Reads the environment once; a variable set to nothing is not set. @throws AgentConfigError */
export function readAgentConfig(environment: NodeJS.ProcessEnv = process.env): AgentConfig {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = agentConfigSchema.safeParse(given);
  const path = (environment['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  if (parsed.success) return Object.freeze({ ...parsed.data, path });
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new AgentConfigError(`configuration: ${problems.join('; ')}`);
}
