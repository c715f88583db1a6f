import { setTimeout as sleep } from 'node:timers/promises';
import { startLeaf, type Leaf, type LeafOptions, type Log } from '#tools/embedded';

/** A leaf that is started again on its port when it dies, until it is told to stop. */
export interface SupervisedLeaf {
  /** The one that runs, or ran last. */
  readonly current: () => Leaf;
  stop(): Promise<void>;
}

const RETRY_MS = 500;

/** Starts a leaf and keeps it running. @throws PartNotReady when the first start fails */
export async function superviseLeaf(options: LeafOptions, log: Log): Promise<SupervisedLeaf> {
  let leaf = await startLeaf(options);
  const { port } = leaf;
  const stopping = new AbortController();
  const { signal } = stopping;
  // The signal changes while a step waits, which the type checker cannot see.
  const isStopping = (): boolean => signal.aborted;

  const startAgain = async (): Promise<void> => {
    while (!isStopping()) {
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      if (isStopping()) return;
      try {
        leaf = await startLeaf({ ...options, port });
        return;
      } catch (error) {
        log(`the leaf does not start: ${String(error)}`);
      }
    }
  };
  const watch = async (): Promise<void> => {
    while (!isStopping()) {
      await leaf.exited;
      if (isStopping()) return;
      log('leaf ended, starting it again');
      await startAgain();
    }
  };
  const watching = watch();

  return {
    current: () => leaf,
    stop: async () => {
      stopping.abort();
      await leaf.stop();
      await watching;
      // It may have been starting meanwhile.
      await leaf.stop();
    },
  };
}
