import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, link, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDirectory } from '../places.js';
import { identityOf, isRunning, type ProcessIdentity } from '../process/identity.js';
import type { Log } from '../process/service.js';

/** A folder in the cache, and whether it was there before. */
export interface CachedFolder {
  readonly path: string;
  readonly cached: boolean;
}

/** The folder under this key when it is complete, else undefined. */
export function lookUpCache(key: string, base = cacheDirectory()): string | undefined {
  const path = join(base, key);
  return existsSync(path) ? path : undefined;
}

/**
 * The folder under `key`, filled by `fill` when it is not there yet. It is filled under another name and renamed,
 * so it is complete or absent; a lock keeps a second process from doing the same work at the same time.
 * It lies in the user's cache folder unless another `base` is given.
 */
export async function cachedFolder(
  key: string,
  log: Log,
  fill: (folder: string) => Promise<void>,
  base = cacheDirectory(),
): Promise<CachedFolder> {
  const before = lookUpCache(key, base);
  if (before !== undefined) return { path: before, cached: true };
  const path = join(base, key);
  return withLock(`${path}.lock`, log, async () => {
    if (existsSync(path)) return { path, cached: true };
    const part = await mkdtemp(`${path}.part-`);
    try {
      // Open before it is filled: initdb may have to work in it under another account.
      await chmod(part, 0o755);
      await fill(part);
      await rename(part, path).catch(acceptTwin);
      return { path, cached: false };
    } finally {
      await rm(part, { recursive: true, force: true });
    }
  });
}

/** Two takers of a dead process's lock may both have filled the folder; the first one to rename wins. */
function acceptTwin(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
}

/** Runs `work` while holding a lock file; a lock whose holder has died is taken over. */
async function withLock<T>(path: string, log: Log, work: () => Promise<T>): Promise<T> {
  let announced = false;
  while (!(await tryLock(path))) {
    const holder = await holderOf(path);
    if (holder === undefined || !isRunning(holder)) {
      await rm(path, { force: true });
      continue;
    }
    if (!announced) log(`waiting for process ${holder.pid}, which is doing the same`);
    announced = true;
    await sleep(250);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** A hard link appears with its content or not at all, so nobody ever reads a half-written lock. */
async function tryLock(path: string): Promise<boolean> {
  // One process may try several times at once.
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, JSON.stringify(identityOf(process.pid)));
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

async function holderOf(path: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
