import { setTimeout as sleep } from 'node:timers/promises';
import { isDomainError } from '#lib/domain-kernel';

const PAUSE_MS = 500;
const PATIENCE_MS = 120_000;

/** Tries until it works: what people ask for does not get lost because the hub is away. A refusal is an answer. */
export async function insist(work: () => Promise<unknown>): Promise<'done' | 'refused'> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await work();
      return 'done';
    } catch (error) {
      if (isDomainError(error)) return 'refused';
      if (performance.now() > deadline) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
