import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../process/service.js';
import { onPath } from './probe.js';
import { runTool, withTicks } from './work.js';

/** One package of the npm registry, pinned like a line of the lock file. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** As the registry and lock files write it: `sha512-` and the sum in base64. */
  readonly integrity: string;
}

/**
 * Unpacks a package into `folder` without installing it: none of its scripts run, nothing it depends on is fetched.
 * For what only tests need and what is too large for everybody's `npm ci`.
 * @throws Error when npm is missing, the package cannot be had or is not the pinned one.
 */
export async function unpackFromNpm(wanted: NpmPackage, folder: string, log: Log): Promise<void> {
  if (onPath('npm') === undefined) throw new Error('no npm on PATH');
  const { name, version, integrity } = wanted;
  await mkdir(folder, { recursive: true });
  await withTicks(`fetching ${name} ${version} with npm`, log, () =>
    runTool({
      command: 'npm',
      args: ['pack', '--silent', '--ignore-scripts', `${name}@${version}`],
      cwd: folder,
    }),
  );
  const archive = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (archive === undefined) throw new Error(`npm brought no ${name}`);
  const path = join(folder, archive);
  await requireIntegrity(path, integrity);
  await runTool({ command: 'tar', args: ['-xzf', archive, '--strip-components=1'], cwd: folder });
  await rm(path);
}

/** @throws Error when the file is not the one that was pinned. */
export async function requireIntegrity(path: string, expected: string): Promise<void> {
  const actual = `sha512-${createHash('sha512')
    .update(await readFile(path))
    .digest('base64')}`;
  if (actual !== expected) throw new Error(`${path} has integrity ${actual}, not ${expected}`);
}
