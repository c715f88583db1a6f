import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAppProcess, type AppProcess } from '#tools/house';
import type { HubParts } from './hub.js';

export type { AppProcess } from '#tools/house';

type AppParts = Pick<HubParts, 'dir' | 'hub'> & { readonly databaseUrl: string };

const READY_BUDGET_MS = 60_000;
const POLL_MS = 20;

/** Starts an app and returns at once: a bench watches its effects. */
export function startApp(
  name: 'projector' | 'analyzer' | 'agent-gateway',
  parts: AppParts,
): Promise<AppProcess> {
  return startAppProcess(name, { ...parts, credsFile: join(parts.dir, 'bench.creds') });
}

/**
 * Rate at which a growing count moves on, from the first move that is seen until it reaches the end, so that the start
 * of whatever moves it is left out. @param scale things per step of the count @throws Error when it does not arrive
 */
export async function growthRate(
  count: () => Promise<number>,
  { end, scale }: { readonly end: number; readonly scale: number },
): Promise<number> {
  const deadline = performance.now() + READY_BUDGET_MS;
  const first = { value: 0, at: 0 };
  while (performance.now() < deadline) {
    const [value, at] = [await count(), performance.now()];
    if (first.value > 0 && value >= end) return ((value - first.value) * scale) / ((at - first.at) / 1000);
    if (first.value === 0 && value > 0) Object.assign(first, { value, at });
    if (first.value >= end) throw new Error('it was over before it could be measured: too little work');
    await sleep(POLL_MS);
  }
  throw new Error(`${end} was not reached within ${READY_BUDGET_MS / 1000} s`);
}
