import type { HostId, TenantId } from '#lib/events';
import { key } from './fleet-book.js';

/** One piece of work of one host at a time, in the order of the calls; different hosts run side by side. */
export class HostQueues {
  private readonly queues = new Map<string, Promise<void>>();
  private readonly waiting = new Map<string, Promise<void>>();

  /** Runs every piece. */
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

  /**
   * For work that is the same each time: a run that waits serves all that ask meanwhile, so a host that asks without
   * end makes no queue. Resolves when a run that began after this call has ended.
   */
  share(tenant: TenantId, host: HostId, work: () => Promise<void>): Promise<void> {
    const name = key(tenant, host);
    const shared = this.waiting.get(name);
    if (shared !== undefined) return shared;
    const next = this.run(tenant, host, () => {
      this.waiting.delete(name);
      return work();
    });
    this.waiting.set(name, next);
    return next;
  }

  /** Resolves when nothing that was asked for so far is under way. */
  async whenIdle(): Promise<void> {
    await Promise.all(this.queues.values());
  }
}
