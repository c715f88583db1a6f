import { setTimeout as sleep } from 'node:timers/promises';
import { spawnService, type Exit, type Log, type Service, type ServiceOptions } from '#tools/embedded';

/** A process that is started again when it dies, until it is told to stop. */
export interface Supervised {
  readonly name: string;
  /** Pid of the running process; a new one after each restart. */
  pid(): number;
  /** How often it died and was started again. */
  restarts(): number;
  /** `kill -9`, as a crash would do it; it comes back by itself. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5_000;

/** Starts a process and keeps it running with a growing delay between restarts. */
export async function supervise(options: ServiceOptions, log: Log): Promise<Supervised> {
  let service: Service = await spawnService(options);
  let restarts = 0;
  let stopping = false;

  const watch = async (): Promise<void> => {
    while (!stopping) {
      const exit = await service.exited;
      if (isStopping()) return;
      const delay = Math.min(FIRST_DELAY_MS * 2 ** restarts, LONGEST_DELAY_MS);
      restarts += 1;
      log(`${options.name} ended (${describe(exit)}), starting it again in ${delay} ms`);
      await sleep(delay);
      if (isStopping()) return;
      service = await spawnService(options);
    }
  };
  // The flag changes while the loop sleeps, which the type checker cannot see.
  const isStopping = (): boolean => stopping;
  const watching = watch();

  return {
    name: options.name,
    pid: () => service.pid,
    restarts: () => restarts,
    crash: async () => {
      await service.kill();
    },
    stop: async () => {
      stopping = true;
      await service.stop();
      await watching;
      await service.stop();
    },
  };
}

function describe(exit: Exit): string {
  return exit.signal ?? `exit code ${exit.code ?? 'unknown'}`;
}
