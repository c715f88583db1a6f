import type { Clock } from '#lib/agent-core';
import { isRunning, listPids, readStat, type ProcessIdentity } from './proc.js';

const POLL_MS = 50;

/**
 * Ends a process and its group for certain: SIGTERM, then SIGKILL when the budget is over, also for one that stands
 * still. What the leader leaves behind in its group is killed after it.
 */
export async function stopProcess(identity: ProcessIdentity, budgetMs: number, clock: Clock): Promise<void> {
  const deadline = clock.now() + budgetMs;
  signalGroup(identity, 'SIGTERM');
  while (isRunning(identity)) {
    if (clock.now() >= deadline) signalGroup(identity, 'SIGKILL');
    await clock.sleep(POLL_MS);
  }
  await endGroup(identity, clock);
}

/** Kills what is left of the group of a process that has just ended. */
export async function endGroup(identity: ProcessIdentity, clock: Clock): Promise<void> {
  await endAll(() => leftOf(identity), clock);
}

/** Kills processes until none is found any more. */
export async function endAll(find: () => readonly number[], clock: Clock): Promise<void> {
  for (let left = find(); left.length > 0; left = find()) {
    for (const pid of left) signal(pid, 'SIGKILL');
    await clock.sleep(POLL_MS);
  }
}

/** Signals the group only while its leader is the process that we mean; one that leads none is signalled alone. */
export function signalGroup(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  const isLeader = readStat(identity.pid)?.group === identity.pid;
  signal(isLeader ? -identity.pid : identity.pid, name);
}

/**
 * The kernel gives the number of a group to nobody else while the group has members, so what has it is ours unless
 * another process leads it by now.
 */
function leftOf({ pid }: ProcessIdentity): readonly number[] {
  if (pid <= 0 || readStat(pid) !== undefined) return [];
  return listPids().filter((one) => readStat(one)?.group === pid);
}

function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
