import type { HostId, TenantId } from '#lib/events';
import { key } from './fleet-book.js';

/** One piece of work of one host at a time, in the order of the calls; different hosts run side by side. */
export class HostQueues {
  private readonly queues = new Map<string, Promise<void>>();

  run(tenant: TenantId, host: HostId, work: () => Promise<void>): Promise<void> {
    const name = key(tenant, host);
    const next = (this.queues.get(name) ?? Promise.resolve()).then(work);
    const guarded = next
      .catch(() => undefined)
      .then(() => {
        if (this.queues.get(name) === guarded) this.queues.delete(name);
      });
    this.queues.set(name, guarded);
    return next;
  }

  /** Resolves when nothing that was asked for so far is under way. */
  async whenIdle(): Promise<void> {
    await Promise.all(this.queues.values());
  }
}
