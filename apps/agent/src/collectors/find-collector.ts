import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A collector program that answers. */
export type CollectorProgram = { readonly path: string; readonly version: string };

const run = promisify(execFile);
const NAMES = ['otelcol-contrib', 'otelcol'];

/**
 * The configured program, or the first on the path; undefined when there is none.
 * @throws Error when the configured one does not run: then the fallback would hide a mistake
 */
export async function findCollector(
  configured: string | undefined,
  path: readonly string[],
): Promise<CollectorProgram | undefined> {
  if (configured !== undefined) return { path: configured, version: await versionOf(configured) };
  for (const candidate of NAMES.flatMap((name) => path.map((folder) => join(folder, name)))) {
    const isProgram = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isProgram) return { path: candidate, version: await versionOf(candidate) };
  }
  return undefined;
}

/** The last word of `otelcol-contrib version 0.149.0`. */
async function versionOf(program: string): Promise<string> {
  const { stdout } = await run(program, ['--version'], { timeout: 20_000 });
  return stdout.trim().split(/\s+/).at(-1) ?? 'unknown';
}
