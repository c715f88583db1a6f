import { setTimeout as sleep } from 'node:timers/promises';

const READY_BUDGET_MS = 90_000;
const POLL_MS = 150;

/**
 * Waits for `/health/ready`. `gaveUp` says why waiting is in vain, once it is.
 * @throws Error with that, or with the app's own reasons when the budget is used up
 */
export async function untilReady(
  { name, url }: { readonly name: string; readonly url: string },
  gaveUp: () => string | undefined,
): Promise<void> {
  const deadline = performance.now() + READY_BUDGET_MS;
  let last = 'it does not answer';
  while (performance.now() < deadline) {
    try {
      const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
      if (answer.ok) return;
      last = await answer.text();
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    const hopeless = gaveUp();
    if (hopeless !== undefined) throw new Error(`${name} does not start: ${hopeless}`);
    await sleep(POLL_MS);
  }
  throw new Error(`${name} at ${url} is not ready: ${last}`);
}
