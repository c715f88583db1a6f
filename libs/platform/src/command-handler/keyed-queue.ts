/** Runs the tasks of one key one after another, those of different keys side by side. */
export class KeyedQueue {
  private readonly queues = new Map<string, { last: Promise<unknown>; length: number }>();

  /** Tasks of a key that run or wait. */
  lengthOf(key: string): number {
    return this.queues.get(key)?.length ?? 0;
  }

  run<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const queue = this.queues.get(key) ?? { last: Promise.resolve(), length: 0 };
    this.queues.set(key, queue);
    queue.length += 1;
    const result = queue.last.then(task);
    queue.last = result
      .catch(() => undefined)
      .then(() => {
        queue.length -= 1;
        if (queue.length === 0) this.queues.delete(key);
      });
    return result;
  }

  /** Resolves when nothing runs or waits any more. */
  async whenIdle(): Promise<void> {
    while (this.queues.size > 0) await Promise.all([...this.queues.values()].map(({ last }) => last));
  }
}
