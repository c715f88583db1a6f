import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { reasonOf } from '#lib/agent-core';

const run = promisify(execFile);
const SHELLS = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash'];
/** The user `nobody` of the Linux Standard Base. */
const NOBODY = 65534;
const PREFIX = [
  'setpriv',
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  '--clear-groups',
  '--inh-caps=-all',
  '--bounding-set=-all',
  '--no-new-privs',
];

/** A bash that knows the time of the clock (5.0 or newer). @throws Error where there is none */
export async function findShell(): Promise<string> {
  for (const shell of SHELLS) {
    const { stdout } = await run(shell, ['-c', 'echo "$EPOCHREALTIME"'], { timeout: 5_000 }).catch(() => ({
      stdout: '',
    }));
    if (stdout.trim() !== '') return shell;
  }
  throw new Error('this host has no bash 5.0 or newer, of which simulated processes are made');
}

/**
 * How simulated processes of a root agent lose all its rights; another agent has none to lose.
 * @throws Error where a root agent cannot do that: nothing made up runs as root
 */
export async function unprivileged(
  uid: number | undefined = process.getuid?.(),
): Promise<{ readonly prefix: readonly string[]; readonly user: string }> {
  if (uid !== 0) return { prefix: [], user: `uid ${uid ?? 'unknown'}` };
  const [command = '', ...args] = PREFIX;
  try {
    await run(command, [...args, 'true'], { timeout: 5_000 });
  } catch (error) {
    throw new Error(`setpriv cannot take the rights of root away here: ${reasonOf(error)}`, { cause: error });
  }
  return { prefix: PREFIX, user: 'nobody' };
}
