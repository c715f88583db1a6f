import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, linkSync, copyFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchDirectory } from '#tools/embedded';

/** What a critical process of the load is called; one works, one waits, and one name has two processes. */
export const criticalNames = ['phx-critical-a', 'phx-critical-b'] as const;

/** Processes with names of their own that work or wait, and some that come and go, until they are ended. */
export interface Load {
  /** Those that pipelines must keep one by one, by their pids. */
  readonly critical: readonly number[];
  readonly processes: number;
  stop(): Promise<void>;
}

type Part = { readonly name: string; readonly script: string };

/** Waits for the end of its input, so that nothing outlives who started it. */
const WAIT = 'while read -r line; do :; done';
/** About a fiftieth of a core, and as much memory as a small service has. */
const WORK = `printf -v memory '%*s' 8000000 ''
while :; do for ((i = 0; i < 4000; i++)); do :; done; read -r -t 0.5 line; (($? == 1)) && exit; done`;
/** Starts a process that ends again, over and over. */
const CHURN = `while :; do ./phx-brief -c 'read -r -t 0.3 line'; read -r -t 0.4 line; (($? == 1)) && exit; done`;

const parts: readonly Part[] = [
  { name: 'phx-critical-a', script: WORK },
  { name: 'phx-critical-b', script: WAIT },
  { name: 'phx-critical-b', script: WAIT },
  ...Array.from({ length: 6 }, (_, index) => ({ name: `phx-worker-${index}`, script: WORK })),
  ...Array.from({ length: 60 }, (_, index) => ({ name: `phx-idle-${index % 20}`, script: WAIT })),
  { name: 'phx-churn', script: CHURN },
];

/** @throws Error on a machine without bash */
export async function startLoad(): Promise<Load> {
  const shell = shellOf();
  const folder = scratchDirectory();
  const names = [...new Set([...parts.map(({ name }) => name), 'phx-brief'])];
  copyFileSync(shell, join(folder, 'shell'));
  // Each executable is another name of one file.
  for (const name of names) linkSync(join(folder, 'shell'), join(folder, name));
  const children = await Promise.all(parts.map((part) => started(folder, part)));
  const critical = children
    .filter(({ spawnfile }) => criticalNames.some((name) => spawnfile === join(folder, name)))
    .flatMap(({ pid }) => pid ?? []);
  return {
    critical,
    processes: children.length,
    stop: async () => {
      await Promise.all(children.map(ended));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function shellOf(): string {
  const found = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash'].find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error('the load of this campaign needs bash');
  return found;
}

async function started(folder: string, { name, script }: Part): Promise<ChildProcess> {
  const child = spawn(join(folder, name), ['--norc', '--noprofile', '-c', script], {
    ...{ cwd: folder, env: { LC_ALL: 'C' }, stdio: ['pipe', 'ignore', 'ignore'] },
  });
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.stdin.on('error', () => undefined);
  return child;
}

/** The end of its input ends it; whoever does not read any more is killed. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
  await gone;
  clearTimeout(timer);
}
