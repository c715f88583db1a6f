import { chmod, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listPids, readArguments, readStat } from '../machine/proc.js';

/** A real collector that has a child in its group, which nothing but a signal ends. */
export type ForkingCollector = {
  readonly path: string;
  /** The children that run, whoever is their parent by now. */
  children(): readonly number[];
};

export async function forkingCollector(folder: string, program: string): Promise<ForkingCollector> {
  const path = join(folder, 'otelcol');
  const child = join(folder, 'child');
  const script = `#!/bin/sh
case "$*" in
  validate*|components|*--version*) exec '${program}' "$@" ;;
esac
'${child}' 100000 >/dev/null 2>&1 &
exec '${program}' "$@"
`;
  await symlink('/bin/sleep', child);
  await writeFile(path, script);
  await Promise.all([folder, path].map((file) => chmod(file, 0o755)));
  return {
    path,
    children: () =>
      listPids().filter((pid) => readArguments(pid)[0] === child && readStat(pid) !== undefined),
  };
}
