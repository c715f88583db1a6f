import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number: `born` is its start time. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly born: string;
}

/** Identity of a running process, or undefined when it is gone (a zombie counts as gone). */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const born = process.platform === 'linux' ? bornOnLinux(pid) : bornByPs(pid);
  return born === undefined ? undefined : { pid, born };
}

/** True while exactly this process (not a successor with its number) runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.born === identity.born;
}

function bornOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name in parentheses may hold blanks, so the fields are counted from its end (proc(5): 3 and 22).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${bootId()}:${fields[19] ?? ''}`;
  } catch {
    return undefined;
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function bornByPs(pid: number): string | undefined {
  try {
    const born = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return born === '' ? undefined : born;
  } catch {
    return undefined;
  }
}
