import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, spawnService, type Leaf, type Log } from '#tools/embedded';
import type { Api } from './api.js';
import { inherited } from './apps.js';
import { tellingLine } from './failure.js';
import { nodeFlags } from './node-flags.js';
import type { Places } from './places.js';
import { supervise, type Supervised } from './supervised.js';
import { superviseLeaf } from './supervised-leaf.js';

export interface LocalAgentOptions {
  readonly api: Api;
  readonly gatewayUrl: string;
  readonly hubLeafUrl: string;
  readonly natsServer: string;
  /** Path of a real collector; the agent uses its built-in fallback without one. */
  readonly collector: string | undefined;
  readonly places: Pick<Places, 'agent' | 'leaf'>;
  readonly labels: Readonly<Record<string, string>>;
  /** The customer's OTLP/HTTP endpoint; the baseline then exports to it. */
  readonly backendUrl: string | undefined;
  readonly log: Log;
}

export interface LocalAgent extends Supervised {
  /** What `phoenix-agent` needs to be asked on this host; it names files, and holds no secret. */
  readonly environment: Readonly<Record<string, string>>;
  /** The leaf that runs; killed, it comes back by itself on its port. */
  leaf(): Leaf;
}

/** Enrols this host where it is not enrolled yet, then runs its leaf and its agent. */
export async function startLocalAgent(options: LocalAgentOptions): Promise<LocalAgent> {
  const agentMain = join(repositoryRoot(), 'dist', 'apps', 'agent', 'src', 'main.js');
  const base = { ...inherited(), PHOENIX_AGENT_DIR: options.places.agent };
  const credsFile = join(options.places.agent, 'host.creds');
  if (!existsSync(credsFile)) await enrol(agentMain, base, options);

  const leaf = await superviseLeaf(
    {
      dir: options.places.leaf,
      natsServer: options.natsServer,
      hubLeafUrl: options.hubLeafUrl,
      credsFile,
    },
    options.log,
  );
  const { passwordFile, url, user } = leaf.current();
  const environment = {
    PHOENIX_AGENT_DIR: options.places.agent,
    PHOENIX_AGENT_NATS_URL: url,
    PHOENIX_AGENT_NATS_USER: user,
    PHOENIX_AGENT_NATS_PASSWORD_FILE: passwordFile,
    ...(options.collector === undefined ? {} : { PHOENIX_OTELCOL: options.collector }),
    ...(options.backendUrl === undefined ? {} : { PHOENIX_BACKEND_OTLP: options.backendUrl }),
  };
  const agent = await supervise(
    {
      name: 'agent',
      command: process.execPath,
      args: ['--enable-source-maps', ...nodeFlags('agent'), agentMain, 'run'],
      env: { ...base, ...environment },
      output: { log: options.log },
    },
    options.log,
  );
  return {
    ...agent,
    environment,
    leaf: leaf.current,
    stop: async () => {
      await agent.stop();
      await leaf.stop();
    },
  };
}

async function enrol(
  agentMain: string,
  environment: NodeJS.ProcessEnv,
  options: LocalAgentOptions,
): Promise<void> {
  const { token } = (await options.api.call('POST', '/fleet/enrolment-tokens', {
    labels: options.labels,
    maxUses: 1,
    expiresInSeconds: 600,
  })) as { readonly token: string };
  const lines: string[] = [];
  const job = await spawnService({
    name: 'enrol',
    command: process.execPath,
    args: [agentMain, 'enrol', '--url', options.gatewayUrl, '--token', token],
    env: {
      ...environment,
      ...(options.collector === undefined ? {} : { PHOENIX_OTELCOL: options.collector }),
    },
    output: { log: (line) => lines.push(line) },
  });
  const { code } = await job.closed;
  if (code !== 0) throw new Error(`enrolling this host failed: ${tellingLine(lines)}`);
}
