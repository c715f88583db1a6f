import type { Clock } from '#lib/agent-core';
import { isRunning, type ProcessIdentity } from './proc.js';

const POLL_MS = 50;

/**
 * Ends a process group for certain: SIGTERM, then SIGKILL when the budget is over. The group's number is its
 * leader's; a leader that is gone leaves nothing of a collector behind, which starts no children.
 */
export async function stopProcess(identity: ProcessIdentity, budgetMs: number, clock: Clock): Promise<void> {
  const deadline = clock.now() + budgetMs;
  signalGroup(identity, 'SIGTERM');
  while (isRunning(identity)) {
    if (clock.now() >= deadline) signalGroup(identity, 'SIGKILL');
    await clock.sleep(POLL_MS);
  }
}

/** Signals the group only while its leader is the process that we mean. */
export function signalGroup(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(-identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
