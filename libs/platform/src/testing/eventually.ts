import { setTimeout as wait } from 'node:timers/promises';

/** Waits until the condition holds. Tests wait for conditions, never for time. @throws Error after `withinMs` */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await wait(20);
  }
}
