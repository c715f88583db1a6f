import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** The signal that a process gets when its parent ends (prctl(2), PR_SET_PDEATHSIG). It outlives an exec. */
const PREFIX = ['setpriv', '--pdeathsig=KILL'];

/**
 * What stands before a program that may not outlive the agent, not even a killed one. Empty where this machine's
 * setpriv cannot do that: then the next start of the agent ends what is left.
 */
export async function lifeline(): Promise<readonly string[]> {
  const [command = '', ...args] = PREFIX;
  return run(command, [...args, 'true'], { timeout: 5_000 }).then(
    () => PREFIX,
    () => [],
  );
}
