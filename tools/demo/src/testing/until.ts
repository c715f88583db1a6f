import { setTimeout as wait } from 'node:timers/promises';

/** Looks again until something is found; the time-out of the test is the limit, and says what was waited for. */
export async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const found = await look();
    if (found !== undefined) return found;
    if (attempt === 1200) throw new Error(`waited five minutes for ${what}`);
    await wait(250);
  }
}
