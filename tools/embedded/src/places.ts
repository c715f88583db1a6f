import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The repository's root: the nearest folder above this file whose `package.json` is named `phoenix`.
 * The same walk works from the sources (tests) and from `dist` (everything else).
 * @throws Error when no such folder exists.
 */
export function repositoryRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && isPhoenix(manifest)) return folder;
    if (folder === dirname(folder)) throw new Error('no package.json named "phoenix" above this file');
  }
}

function isPhoenix(manifest: string): boolean {
  const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'name' in parsed && parsed.name === 'phoenix';
}

/** Absolute path of a file kept under `tools/embedded`, such as the guardian script. */
export function embeddedAsset(...segments: readonly string[]): string {
  return join(repositoryRoot(), 'tools', 'embedded', ...segments);
}

/**
 * Where running parts keep their data: `PHOENIX_DATA_DIR`, else `.phoenix` in the repository. Created on demand.
 * `npm run clean` removes only what carries our mark, and a chosen folder with other things in it never gets one.
 */
export function dataDirectory(): string {
  const chosen = process.env['PHOENIX_DATA_DIR'];
  const folder = existing(resolve(chosen ?? join(repositoryRoot(), '.phoenix')));
  const mark = join(folder, '.phoenix-data');
  const isOurs = chosen === undefined || readdirSync(folder).length === 0;
  if (isOurs && !existsSync(mark)) writeFileSync(mark, '');
  return folder;
}

/** Where downloads and builds are kept between checkouts: `$XDG_CACHE_HOME/phoenix`, else `~/.cache/phoenix`. */
export function cacheDirectory(): string {
  const base = process.env['XDG_CACHE_HOME'];
  return existing(join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'phoenix'));
}

function existing(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}
