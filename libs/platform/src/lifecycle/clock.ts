/** A task that repeats until it is stopped. */
export interface Ticker {
  /** Starts no further run and resolves when the running one has ended. */
  stop(): Promise<void>;
}

/** The only source of time. Deadlines are derived from state and compared with it, so a test can run hours in a second. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** The same instant as ISO 8601 in UTC, with milliseconds. */
  iso(): string;
  /** Resolves after `ms`, or at once when the signal aborts: ask the signal afterwards. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Runs the task now and then `ms` after the end of each run, never two at a time. A run that fails is reported to
   * `onError` (default: a process warning) and the next one follows as usual.
   */
  every(ms: number, task: () => Promise<void>, onError?: (error: unknown) => void): Ticker;
}

/** Repeats a task on any clock's `sleep`. */
export function repeat(
  clock: Pick<Clock, 'sleep'>,
  ms: number,
  task: () => Promise<void>,
  onError: (error: unknown) => void = warn,
): Ticker {
  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await task().catch(onError);
      await clock.sleep(ms, stopping.signal);
    }
  };
  const ended = loop();
  return {
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  iso: () => new Date().toISOString(),
  // Not the timer of node:timers/promises: that one makes an error with a stack for each sleep that is cut short.
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end);
    }),
  every: (ms, task, onError) => repeat(systemClock, ms, task, onError),
};
