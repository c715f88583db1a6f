import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

/** Uses CPU and disk, says so, and then rests until its input ends. */
const WORK = `
for ((i = 0; i < 150000; i++)); do :; done
printf '%*s' 300000 x > "$0"
echo settled
read
`;

/** A real process whose figures do not change any more, however often they are read. */
export type SettledProcess = { end(): Promise<void> };

/** Starts a process under a name of its own and resolves when it rests. `name` has 15 characters at most. */
export async function settledProcess(folder: string, name: string, id: number): Promise<SettledProcess> {
  const program = join(folder, name);
  if (id === 0) copyFileSync('/bin/bash', program);
  const child = spawn(program, ['--norc', '-c', WORK, join(folder, `${name}.${id}`)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {},
  });
  await once(child.stdout, 'data');
  return { end: () => ended(child) };
}

async function ended(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.stdin?.end();
  await exited;
}
