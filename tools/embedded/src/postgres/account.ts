import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A command line with the operating system account under which it runs. */
export interface AccountCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

export interface UnprivilegedAccount {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root; then it gets the account `postgres`, else `nobody`. Undefined for others. */
export function unprivilegedAccount(): UnprivilegedAccount | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entries = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].flatMap((name) => entries.find((entry) => entry[0] === name) ?? []);
  const [, , uid, gid] = found;
  if (uid === undefined || gid === undefined) {
    throw new Error(
      'PostgreSQL cannot run as root: add an account named "postgres", or start Phoenix as a user',
    );
  }
  return { uid: Number(uid), gid: Number(gid) };
}

/**
 * The command line that runs `command` as the unprivileged account. Where that account may not walk to one of the
 * data `paths` (a checkout under /root, a mktemp folder), `setpriv` of util-linux leaves it the one capability to
 * do so.
 */
export function asUnprivileged(
  command: string,
  args: readonly string[],
  paths: readonly string[],
): AccountCommand {
  const account = unprivilegedAccount();
  if (account === undefined) return { command, args };
  if (paths.every(isOpenToAll)) return { command, args, ...account };
  if (!hasSetpriv()) {
    throw new Error(
      'PostgreSQL runs as another account, which cannot enter this folder: install "setpriv" (util-linux), ' +
        'move the checkout to a folder open to all, or start Phoenix as a user',
    );
  }
  const switchAccount = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'];
  const capability = ['--inh-caps=-all,+dac_override', '--ambient-caps=-all,+dac_override'];
  return { command: 'setpriv', args: [...switchAccount, ...capability, command, ...args] };
}

/** True when every folder above the path can be entered by anybody. */
export function isOpenToAll(path: string): boolean {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
  }
  return true;
}

function hasSetpriv(): boolean {
  try {
    accessSync('/usr/bin/setpriv', constants.X_OK);
    execFileSync('setpriv', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
