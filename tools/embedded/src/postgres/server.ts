import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { readKeyFile, writePrivateFile } from '#lib/platform';
import { onFreePorts } from '../ports.js';
import { PartNotReady, waitUntilReady, type Readiness } from '../process/ready.js';
import { spawnService, type Exit, type Log, type Service } from '../process/service.js';
import { asUnprivileged } from './account.js';
import { findPostgresBinaries, type PostgresBinaries } from './binaries.js';
import { createDataDirectory, database, superuser } from './template.js';

export interface PostgresOptions {
  /** Holds the data directory, the password file and the log. Kept between starts. */
  readonly dir: string;
  readonly log: Log;
  /** A free port when left out. */
  readonly port?: number;
  /**
   * False skips fsync: a crash of the server process loses nothing, a crash of the machine may lose all.
   * For tests only; true when left out.
   */
  readonly survivesPowerLoss?: boolean;
}

/** The running database server, on 127.0.0.1 only, with one random password. */
export interface Postgres {
  /** `postgres://phoenix:<password>@127.0.0.1:<port>/phoenix` */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Fast shutdown: open transactions are rolled back, the data is checkpointed. */
  stop(): Promise<Exit>;
  kill(): Promise<Exit>;
}

const launchAttempts = 60;
const launchPauseMs = 500;

/** Starts PostgreSQL on `dir`, creating its data on the first start. @throws PartNotReady */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const binaries = await findPostgresBinaries(options.log);
  await mkdir(options.dir, { recursive: true });
  const dataDir = join(options.dir, 'data');
  const passwordFile = join(options.dir, 'password');
  // The password is written last, so it also says that the data directory is complete.
  if (!existsSync(passwordFile)) {
    await rm(dataDir, { recursive: true, force: true });
    const password = randomBytes(24).toString('base64url');
    await createDataDirectory(binaries, { dataDir, password }, options.log);
    await writePrivateFile(passwordFile, password);
  }
  if (!existsSync(join(dataDir, 'PG_VERSION')))
    throw new Error(`${dataDir} has lost its data: put it back, or begin anew with npm run clean`);
  const password = await readKeyFile(passwordFile);
  return onFreePorts(1, ([free = 0]) => startOn(binaries, options, { port: options.port ?? free, password }));
}

async function startOn(
  binaries: PostgresBinaries,
  options: PostgresOptions,
  { port, password }: { readonly port: number; readonly password: string },
): Promise<Postgres> {
  const dataDir = join(options.dir, 'data');
  const url = `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;
  const service = await launchWhenFree(() => launch(binaries, options, { dataDir, port }), {
    logFile: logFileOf(options.dir),
    isReady: () => accepts(url),
  });
  return { url, port, pid: service.pid, stop: () => service.stop(), kill: () => service.kill() };
}

function logFileOf(dir: string): string {
  return join(dir, 'postgres.log');
}

/** After a kill, sessions of the old server may still be ending; until then PostgreSQL refuses its data directory. */
async function launchWhenFree(start: () => Promise<Service>, readiness: Readiness): Promise<Service> {
  for (let attempt = 1; ; attempt++) {
    const service = await start();
    try {
      await waitUntilReady(service, readiness);
      return service;
    } catch (error) {
      const occupied =
        error instanceof PartNotReady && /pre-existing shared memory block/.test(error.message);
      if (!occupied || attempt === launchAttempts) throw error;
      await sleep(launchPauseMs);
    }
  }
}

async function launch(
  binaries: PostgresBinaries,
  options: PostgresOptions,
  at: { readonly dataDir: string; readonly port: number },
): Promise<Service> {
  const settings = [
    `port=${at.port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    `fsync=${options.survivesPowerLoss === false ? 'off' : 'on'}`,
  ];
  const account = asUnprivileged(
    binaries.postgres,
    ['-D', at.dataDir, ...settings.flatMap((setting) => ['-c', setting])],
    [at.dataDir],
  );
  return spawnService({
    name: 'postgres',
    ...account,
    cwd: at.dataDir,
    output: { file: logFileOf(options.dir) },
    // SIGTERM would wait for every client to leave; SIGINT is PostgreSQL's fast shutdown.
    stopSignal: 'SIGINT',
  });
}

/** True when the server lets us in. A refused password is a broken installation and must not look like a slow start. */
async function accepts(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === '28P01') throw error;
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
