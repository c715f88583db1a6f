import { access, chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { constants } from 'node:fs';
import { join } from 'node:path';
import { spawnService, type Service } from '#tools/embedded';

/** Processes that the demo declares critical: none of them may get lost. */
export const criticalProcesses = [
  'payments-api',
  'checkout-api',
  'orders-db',
  'auth-gateway',
  'search-index',
  'billing-worker',
] as const;

const ordinary = ['batch', 'cache', 'cron', 'log-shipper', 'mailer', 'report', 'sync', 'thumbnailer'];
const PROCESSES = 40;

/** Loop turns per wake-up. A few processes are busy, most idle, as on a real host; all together cost little. */
const WORK = [4000, 2500, 1500, 800, 400, 200, 100] as const;
const IDLE_WORK = 10;

/** Wakes five times a second without starting a child, turns a loop, sleeps. `$1` turns, `$2` says what it is. */
const SCRIPT =
  'exec {tick}<> <(:); while :; do read -r -t 0.2 -u $tick; for ((i = 0; i < $1; i++)); do :; done; done';

/** `work`: loop turns at each of five wake-ups a second. */
export interface DemoProcess {
  readonly name: string;
  readonly work: number;
}

export interface DemoProcesses {
  readonly names: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts 40 real, labelled, harmless processes: copies of bash under the names of a small shop, so that the process
 * scraper sees each under its own executable. They end with `stop`, and with this process however it ends.
 * @throws Error when the machine has no bash.
 */
export async function startDemoProcesses(
  directory: string,
  wanted: readonly DemoProcess[] = demoProcesses(),
): Promise<DemoProcesses> {
  const bash = await findBash();
  await mkdir(directory, { recursive: true });
  const services: Service[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(services.map((service) => service.kill()));
    await rm(directory, { recursive: true, force: true });
  };
  try {
    for (const { name, work } of wanted) {
      const path = join(directory, name);
      await copyFile(bash, path);
      await chmod(path, 0o755);
      services.push(await startOne(path, name, work));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { names: wanted.map(({ name }) => name), stop };
}

function startOne(path: string, name: string, work: number): Promise<Service> {
  return spawnService({
    name,
    command: path,
    args: ['--norc', '--noprofile', '-c', SCRIPT, name, String(work), 'phoenix-demo'],
    env: {},
    output: { log: () => undefined },
  });
}

function demoProcesses(): readonly DemoProcess[] {
  const rest = Array.from({ length: PROCESSES - criticalProcesses.length }, (_, index) => {
    const kind = ordinary[index % ordinary.length] ?? 'batch';
    return `${kind}-${Math.floor(index / ordinary.length) + 1}`;
  });
  // Critical ones are not the busiest: a plain top-k would lose some of them.
  const names = [...rest.slice(0, 5), ...criticalProcesses, ...rest.slice(5)];
  return names.map((name, index) => ({ name, work: WORK[index] ?? IDLE_WORK }));
}

async function findBash(): Promise<string> {
  for (const path of ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash']) {
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Try the next place.
    }
  }
  throw new Error(
    'the demo runs its 40 processes as copies of bash, and this machine has none: install bash',
  );
}
