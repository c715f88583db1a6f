import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import {
  resolveCollector,
  resolveNatsServer,
  startHub,
  startPostgres,
  type Hub,
  type Log,
  type Postgres,
} from '#tools/embedded';
import { logIn, type Api } from './api.js';
import { appNames, startApp, type AppName, type RunningApp } from './apps.js';
import { startLocalAgent, type LocalAgent } from './local-agent.js';
import { migrate } from './migrate.js';
import { placesIn } from './places.js';
import { choosePorts } from './ports.js';
import { checkRoom, claimFolder } from './preflight.js';
import { ensureSecrets } from './secrets.js';

export interface HouseOptions {
  readonly dataDirectory: string;
  readonly log: Log;
  /** `usual`: the ports people expect where they are free; `free`: any, as tests want. */
  readonly ports: 'usual' | 'free';
  /** The customer's OTLP/HTTP endpoint that the baseline exports to, when there is one. */
  readonly backendUrl?: string;
  /** False runs the agent's built-in fallback in place of a real collector. True when left out. */
  readonly realCollector?: boolean;
  /** Ends a start between two of its parts; what runs already is stopped. */
  readonly signal?: AbortSignal;
}

/** The whole of Phoenix on this machine: hub, leaf, Postgres, four apps and the agent of this host. */
export interface House {
  readonly apiUrl: string;
  readonly webSocketUrl: string;
  readonly gatewayUrl: string;
  readonly databaseUrl: string;
  readonly api: Api;
  readonly adminEmail: string;
  readonly collectorNotice: string;
  readonly apps: Readonly<Record<AppName, RunningApp>>;
  readonly agent: LocalAgent;
  readonly natsUrl: string;
  readonly credsFiles: Readonly<Record<AppName | 'migrate', string>>;
  hub(): Hub;
  /** Kills the hub and starts it again on its ports and its data. */
  restartHub(): Promise<void>;
  stop(): Promise<void>;
}

const ADMIN_EMAIL = 'admin@phoenix.io';

/** Starts everything in order, each part ready before the next. On failure what runs already is stopped. */
export async function startHouse(options: HouseOptions): Promise<House> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopPart of stops.splice(0).reverse()) await stopPart();
  };
  try {
    return await build(options, stops, stop);
  } catch (error) {
    await stop();
    // What fails after somebody asked for an end failed of that: a part was stopped along with this process.
    options.signal?.throwIfAborted();
    throw error;
  }
}

async function build(
  options: HouseOptions,
  stops: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<House> {
  const { log, signal } = options;
  const places = placesIn(options.dataDirectory);
  await mkdir(places.logs, { recursive: true });
  const folder = await claimFolder(options.dataDirectory);
  stops.push(() => folder.release());
  await checkRoom(options.dataDirectory);
  const natsServer = (await resolveNatsServer(log)).path;
  const collector = await chooseCollector(options);

  const ports = await choosePorts(options.ports, log);
  stops.push(() => Promise.all(ports.claims.map((claim) => claim.release())));
  const hubOptions = { dir: places.hub, natsServer };
  signal?.throwIfAborted();

  const running = { hub: await startHub({ ...hubOptions, ...(ports.hub && { ports: ports.hub }) }) };
  stops.push(() => running.hub.stop());
  signal?.throwIfAborted();
  const postgres = await database(places.postgres, log);
  stops.push(() => postgres.stop());
  signal?.throwIfAborted();
  const secrets = await ensureSecrets(places.secrets, running.hub.security, appNames);
  const natsUrl = running.hub.url;
  log('schema and streams are brought up to date');
  await migrate({ natsUrl, creds: secrets.creds.migrate, databaseUrl: postgres.url }, log);

  signal?.throwIfAborted();
  const environment = {
    natsUrl,
    databaseUrl: postgres.url,
    leafUrl: running.hub.leafUrl,
    ports: ports.apps,
    creds: secrets.creds,
    jwtSecretFile: secrets.jwtSecret,
    adminPasswordFile: secrets.adminPassword,
    signingDirectory: running.hub.security.directory,
  };
  const started = await Promise.all(
    appNames.map(async (name) => {
      const app = await startApp(name, environment, log);
      stops.push(() => app.stop());
      log(`${name} is ready at ${app.url}`);
      return [name, app] as const;
    }),
  );
  const apps = Object.fromEntries(started) as Record<AppName, RunningApp>;

  signal?.throwIfAborted();

  const api = await logIn(apps['command-api'].url, ADMIN_EMAIL, secrets.adminPassword);
  const agent = await startLocalAgent({
    api,
    gatewayUrl: apps['agent-gateway'].url,
    hubLeafUrl: running.hub.leafUrl,
    natsServer,
    collector: collector.path,
    places,
    labels: { phoenix: 'local' },
    backendUrl: options.backendUrl,
    log,
  });
  stops.push(() => agent.stop());
  const connection = { apiUrl: apps['command-api'].url, agent: agent.environment };
  await writeConnection(places.connection, connection, secrets.adminPassword);
  stops.push(() => rm(places.connection, { force: true }));

  return {
    apiUrl: apps['command-api'].url,
    webSocketUrl: `ws://127.0.0.1:${ports.apps['command-api']}/api/v1/ws`,
    gatewayUrl: apps['agent-gateway'].url,
    databaseUrl: postgres.url,
    api,
    adminEmail: ADMIN_EMAIL,
    collectorNotice: collector.notice,
    apps,
    agent,
    natsUrl,
    credsFiles: secrets.creds,
    hub: () => running.hub,
    restartHub: async () => {
      await running.hub.kill();
      running.hub = await startHub({ ...hubOptions, ports: running.hub.ports });
    },
    stop,
  };
}

async function chooseCollector(
  options: HouseOptions,
): Promise<{ readonly path: string | undefined; readonly notice: string }> {
  const fallback = 'the built-in fallback scrapes and interprets in place of a real collector';
  if (options.realCollector === false) return { path: undefined, notice: fallback };
  const choice = await resolveCollector(options.log);
  return choice.kind === 'collector'
    ? { path: choice.part.path, notice: `otelcol ${choice.part.version} (real)` }
    : { path: undefined, notice: `${fallback}: ${choice.reason}` };
}

async function database(dir: string, log: Log): Promise<Pick<Postgres, 'url' | 'stop'>> {
  const existing = process.env['DATABASE_URL'];
  if (existing === undefined || existing === '') return startPostgres({ dir, log });
  log('using the database of DATABASE_URL');
  return { url: existing, stop: () => Promise.resolve({ code: 0, signal: null }) };
}

async function writeConnection(path: string, connection: object, passwordFile: string): Promise<void> {
  const password = (await readFile(passwordFile, 'utf8')).trim();
  const content = { ...connection, email: ADMIN_EMAIL, password };
  await writeFile(path, JSON.stringify(content, null, 2), { mode: 0o600 });
}
