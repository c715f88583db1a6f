import { join } from 'node:path';
import { freePort, repositoryRoot, spawnService, type Exit, type Hub } from '#tools/embedded';
import { nodeFlags } from './node-flags.js';

/** A built app as a process of its own. */
export interface AppProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  /** SIGTERM, and SIGKILL after `budgetMs` (10 s when left out). */
  stop(budgetMs?: number): Promise<Exit>;
  kill(): Promise<Exit>;
}

/** The parts that the app uses. `dir` gets its log. */
export interface AppParts {
  readonly dir: string;
  readonly hub: Hub;
  readonly databaseUrl: string;
  readonly credsFile: string;
  /** Told to hosts that enrol; the hub's own where it is left out. */
  readonly leafUrl?: string;
}

/** Starts an app and returns at once: whoever needs it ready watches for that. */
export async function startAppProcess(
  name: 'projector' | 'analyzer' | 'agent-gateway',
  parts: AppParts,
): Promise<AppProcess> {
  const port = await freePort();
  const service = await spawnService({
    name,
    command: process.execPath,
    args: [...nodeFlags(name), join(repositoryRoot(), 'dist', 'apps', name, 'src', 'main.js')],
    env: {
      PHOENIX_NATS_URL: parts.hub.url,
      PHOENIX_NATS_CREDS: parts.credsFile,
      DATABASE_URL: parts.databaseUrl,
      PHOENIX_HTTP_PORT: String(port),
      PHOENIX_LOG_LEVEL: 'warn',
      // Only the gateway knows these.
      PHOENIX_NATS_SIGNING_DIR: parts.hub.security.directory,
      PHOENIX_NATS_LEAF_URL: parts.leafUrl ?? parts.hub.leafUrl,
    },
    output: { file: join(parts.dir, `${name}.log`) },
  });
  const { exited, pid } = service;
  return {
    ...{ url: `http://127.0.0.1:${port}`, port, pid, exited },
    stop: (budgetMs) => service.stop(budgetMs),
    kill: () => service.kill(),
  };
}
