import { join } from 'node:path';
import { repositoryRoot, type Log } from '#tools/embedded';
import { tellingLine } from './failure.js';
import { untilReady } from './ready.js';
import { supervise, type Supervised } from './supervised.js';
import { nodeFlags } from './node-flags.js';

export const appNames = ['projector', 'agent-gateway', 'analyzer', 'command-api'] as const;
export type AppName = (typeof appNames)[number];

/** Ports that people expect; the embedded start takes others where these are taken. */
export const usualPorts = {
  'command-api': 8080,
  websocket: 8081,
  'agent-gateway': 8082,
  projector: 8083,
  analyzer: 8084,
} as const;
export type Ports = Readonly<Record<keyof typeof usualPorts, number>>;

export interface AppEnvironment {
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly leafUrl: string;
  readonly ports: Ports;
  readonly creds: Readonly<Record<AppName, string>>;
  readonly jwtSecretFile: string;
  readonly adminPasswordFile: string;
  readonly signingDirectory: string;
}

export interface RunningApp extends Supervised {
  readonly url: string;
}

const HOPELESS_RESTARTS = 2;
const KEPT_LINES = 50;

/** Starts one app from the build and waits until it says that it is ready. @throws Error naming what is not ready */
export async function startApp(name: AppName, environment: AppEnvironment, log: Log): Promise<RunningApp> {
  const lines: string[] = [];
  const supervised = await supervise(
    {
      name,
      command: process.execPath,
      args: [
        '--enable-source-maps',
        ...nodeFlags(name),
        join(repositoryRoot(), 'dist', 'apps', name, 'src', 'main.js'),
      ],
      env: { ...inherited(), ...variablesOf(name, environment) },
      output: {
        log: (line) => {
          log(line);
          lines.splice(0, lines.push(line) - KEPT_LINES);
        },
      },
    },
    log,
  );
  const url = `http://127.0.0.1:${environment.ports[name]}`;
  try {
    // One that cannot start never becomes ready, however often it is started again.
    const gaveUp = (): string | undefined =>
      supervised.restarts() < HOPELESS_RESTARTS ? undefined : tellingLine(lines);
    await untilReady({ name, url }, gaveUp);
  } catch (error) {
    await supervised.stop();
    throw error;
  }
  return { ...supervised, url };
}

/** What every child gets from this process; nothing else leaks into it. */
export function inherited(): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG, TZ, XDG_CACHE_HOME } = process.env;
  return definedOnly({ PATH, HOME, LANG, TZ, XDG_CACHE_HOME });
}

function variablesOf(name: AppName, environment: AppEnvironment): NodeJS.ProcessEnv {
  const common = {
    PHOENIX_NATS_URL: environment.natsUrl,
    PHOENIX_NATS_CREDS: environment.creds[name],
    PHOENIX_HTTP_PORT: String(environment.ports[name]),
    DATABASE_URL: environment.databaseUrl,
    PHOENIX_JWT_SECRET_FILE: environment.jwtSecretFile,
    PHOENIX_LOG_LEVEL: process.env['PHOENIX_LOG_LEVEL'] ?? 'info',
  };
  const own: Record<AppName, NodeJS.ProcessEnv> = {
    'command-api': {
      PHOENIX_WS_PORT: String(environment.ports.websocket),
      PHOENIX_ADMIN_PASSWORD_FILE: environment.adminPasswordFile,
    },
    'agent-gateway': {
      PHOENIX_NATS_SIGNING_DIR: environment.signingDirectory,
      PHOENIX_NATS_LEAF_URL: environment.leafUrl,
      PHOENIX_INSTALL_DIR: join(repositoryRoot(), 'dist', 'agent'),
    },
    projector: {},
    analyzer: {},
  };
  return { ...common, ...own[name] };
}

function definedOnly(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined));
}
