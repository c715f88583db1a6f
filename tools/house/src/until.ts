import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;

/** Resolves when the condition holds. @throws Error when it does not within `budgetMs` */
export async function until(budgetMs: number, what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + budgetMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${budgetMs / 1000} s: ${what}`);
    await sleep(POLL_MS);
  }
}
