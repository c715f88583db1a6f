import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { reasonOf } from '#lib/agent-core';

/** How a collector is started. */
export type Privileges = {
  /** What stands before the program and its arguments. */
  readonly prefix: readonly string[];
  /** Who owns its files; undefined: the agent's own user. */
  readonly uid: number | undefined;
  /** For people. */
  readonly description: string;
};

const run = promisify(execFile);

/** The user `nobody` of the Linux Standard Base. */
const NOBODY = 65534;
const CAPABILITIES = '+sys_ptrace,+dac_read_search';
const PREFIX = [
  'setpriv',
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  '--clear-groups',
  `--inh-caps=${CAPABILITIES}`,
  `--ambient-caps=${CAPABILITIES}`,
  `--bounding-set=-all,${CAPABILITIES}`,
];

/**
 * A collector of a root agent runs as nobody with the two capabilities that reading other processes' `/proc` takes;
 * without them disk I/O, open files and paths of other users' processes would vanish from what it sees. Where the
 * machine cannot do that, it runs as the agent's user, and says so.
 */
export async function collectorPrivileges(uid: number | undefined = process.getuid?.()): Promise<Privileges> {
  if (uid !== 0)
    return { prefix: [], uid: undefined, description: `runs as the agent's user (uid ${uid ?? 'unknown'})` };
  const [command = '', ...args] = PREFIX;
  try {
    // This process is root's, so nobody can read where its executable is without the capabilities.
    await run(command, [...args, 'readlink', `/proc/${process.pid}/exe`], { timeout: 5_000 });
    return {
      prefix: PREFIX,
      uid: NOBODY,
      description: 'runs as nobody with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH',
    };
  } catch (error) {
    const reason = reasonOf(error).trim().split('\n').at(-1) ?? '';
    return {
      prefix: [],
      uid: undefined,
      description: `runs as root, because setpriv cannot keep the capabilities here: ${reason}`,
    };
  }
}
