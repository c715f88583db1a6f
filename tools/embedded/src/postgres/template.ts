import { execFile } from 'node:child_process';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder } from '../acquire/cache.js';
import type { Log } from '../process/service.js';
import { asUnprivileged, unprivilegedAccount } from './account.js';
import type { PostgresBinaries } from './binaries.js';

const run = promisify(execFile);

export const superuser = 'phoenix';
export const database = 'phoenix';

/**
 * Makes `dataDir` a fresh PostgreSQL data directory with the database `phoenix` and a password for its superuser.
 * `initdb` takes a second, so its result is cached and copied. The cached one has no password at all, and the
 * server accepts passwords only: a copy cannot be entered before its own password is set.
 */
export async function createDataDirectory(
  binaries: PostgresBinaries,
  target: { readonly dataDir: string; readonly password: string },
  log: Log,
): Promise<void> {
  const account = unprivilegedAccount();
  const key = `postgres-data-${binaries.version}-uid${account?.uid ?? process.getuid?.() ?? 'user'}`;
  const template = await cachedFolder(key, log, (folder) => initialise(binaries, folder));
  await run('cp', ['-a', join(template.path, 'data'), target.dataDir]);
  // SCRAM needs no escaping here: the password is base64url.
  await singleUser(binaries, target.dataDir, `ALTER ROLE ${superuser} PASSWORD '${target.password}'`);
}

async function initialise(binaries: PostgresBinaries, folder: string): Promise<void> {
  const dataDir = join(folder, 'data');
  const account = unprivilegedAccount();
  await mkdir(dataDir, { mode: 0o700 });
  if (account !== undefined) await chown(dataDir, account.uid, account.gid);
  const { command, args, ...as } = asUnprivileged(
    binaries.initdb,
    // Encoding and locale are fixed, not taken from the environment, so that every machine sorts alike.
    ['-D', dataDir, '-U', superuser, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
    [dataDir],
  );
  await run(command, args, { ...as, cwd: folder });
  // initdb demands a password unless it trusts everybody; no server has run on this folder yet, and none ever will.
  await writeFile(join(dataDir, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
  await singleUser(binaries, dataDir, `CREATE DATABASE ${database}`);
}

/** Runs one statement without a listening server, and so without a password. */
async function singleUser(binaries: PostgresBinaries, dataDir: string, statement: string): Promise<void> {
  const { command, args, ...as } = asUnprivileged(
    binaries.postgres,
    ['--single', '-F', '-D', dataDir, 'postgres'],
    [dataDir],
  );
  const done = run(command, args, { ...as, cwd: dataDir });
  done.child.stdin?.end(`${statement}\n`);
  const { stderr } = await done;
  if (/^.*\b(ERROR|FATAL):/m.test(stderr)) throw new Error(`PostgreSQL refused its setup: ${stderr.trim()}`);
}
