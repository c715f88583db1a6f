import { mkdirSync, mkdtempSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { accountsFingerprint, createPrivateDirectory, loadOrCreateSecurity } from '#lib/platform';
import { cachedFolder } from './acquire/cache.js';
import { resolveNatsServer } from './acquire/nats-server.js';
import { startHub, type Hub } from './nats/hub.js';
import type { NetworkPlace } from './network-place.js';
import { dataDirectory } from './places.js';
import { createScratchDatabase } from './postgres/scratch-database.js';
import { startPostgres } from './postgres/server.js';

export interface TestPartsOptions {
  readonly hub?: boolean;
  readonly postgres?: boolean;
  /** Where the hub listens; loopback when left out. */
  readonly hubPlace?: NetworkPlace;
}

/** The database of one test: an own server, or a scratch database on the one that `DATABASE_URL` names. */
export interface TestPostgres {
  readonly url: string;
}

type Started<Wanted, Part> = Wanted extends true ? Part : undefined;

/** Real parts for one test file, on free ports, in a scratch folder that `stop` removes. */
export interface TestParts<Options extends TestPartsOptions> {
  /** A folder for the test's own files. */
  readonly dir: string;
  readonly hub: Started<Options['hub'], Hub>;
  readonly postgres: Started<Options['postgres'], TestPostgres>;
  stop(): Promise<void>;
}

/** Starts what a test asks for. Call it in `beforeAll`, and `stop` in `afterAll`. */
export async function startTestParts<const Options extends TestPartsOptions>(
  options: Options,
): Promise<TestParts<Options>> {
  const dir = scratchDirectory();
  const running: { stop(): Promise<unknown> }[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((part) => part.stop()));
    await rm(dir, { recursive: true, force: true });
  };
  const keep = async <Part extends { stop(): Promise<unknown> }>(starting: Promise<Part>): Promise<Part> => {
    const part = await starting;
    running.push(part);
    return part;
  };
  const hub = options.hub === true ? keep(startTestHub(dir, options.hubPlace)) : Promise.resolve(undefined);
  const postgres = options.postgres === true ? keep(startTestPostgres(dir)) : Promise.resolve(undefined);
  await Promise.allSettled([hub, postgres]);
  try {
    return {
      dir,
      hub: (await hub) as Started<Options['hub'], Hub>,
      postgres: (await postgres) as Started<Options['postgres'], TestPostgres>,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A new folder under `<data folder>/scratch`; `npm run clean` removes what a killed test leaves there. */
export function scratchDirectory(): string {
  const parent = join(dataDirectory(), 'scratch');
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, 'test-'));
}

async function startTestHub(dir: string, place?: NetworkPlace): Promise<Hub> {
  const natsServer = await resolveNatsServer(quiet);
  await copyTestSecurity(join(dir, 'hub', 'security'));
  return startHub({
    dir: join(dir, 'hub'),
    natsServer: natsServer.path,
    ...(place !== undefined && { place }),
  });
}

/** Tests share one set of keys, because making one takes seconds inside jest; their hubs stay apart all the same. */
async function copyTestSecurity(target: string): Promise<void> {
  const key = `test-security-${accountsFingerprint()}`;
  const fill = async (folder: string): Promise<void> => {
    await loadOrCreateSecurity(folder);
  };
  const made = await cachedFolder(key, quiet, fill, dataDirectory());
  await createPrivateDirectory(target);
  await cp(made.path, target, { recursive: true });
}

async function startTestPostgres(dir: string): Promise<TestPostgres & { stop(): Promise<unknown> }> {
  const existing = process.env['DATABASE_URL'];
  if (existing !== undefined && existing !== '') {
    const scratch = await createScratchDatabase(existing);
    return { url: scratch.url, stop: () => scratch.drop() };
  }
  return startPostgres({ dir: join(dir, 'postgres'), log: quiet, survivesPowerLoss: false });
}

function quiet(): void {
  // Tests report their own failures; the parts' logs stay in their files.
}
