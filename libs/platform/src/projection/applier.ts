import type { Position } from '#lib/events';
import { planBatch, type Plan } from './plan.js';
import { PoisonCommit } from './poison.js';
import type { ReadCommit } from './reading.js';
import type { Advance, Lease, Projection, ProjectionStore, Sql } from './types.js';

/** Applies batches under one lease. Each batch is one transaction, unless a poison commit must be found in it. */
export class Applier {
  constructor(
    private readonly store: ProjectionStore,
    private readonly projection: Projection,
    private current: Lease,
    private readonly onCommitted: (advance: Advance) => void = () => undefined,
  ) {}

  /** Position and parked aggregates as they are after the last transaction. */
  get lease(): Lease {
    return this.current;
  }

  /** @returns false when the lease is lost: nothing more was written. @throws what the database or projection throws */
  async apply(messages: readonly ReadCommit[]): Promise<boolean> {
    const last = messages.at(-1);
    if (last === undefined) return true;
    try {
      return await this.commit(planBatch(messages, this.current.parked), last.position);
    } catch (error) {
      if (!(error instanceof PoisonCommit)) throw error;
      return messages.length > 1 ? this.applySingly(messages) : this.park(last, error);
    }
  }

  private async applySingly(messages: readonly ReadCommit[]): Promise<boolean> {
    for (const message of messages) if (!(await this.apply([message]))) return false;
    return true;
  }

  private park({ subject, position }: ReadCommit, { code, detail }: PoisonCommit): Promise<boolean> {
    return this.commit({ apply: [], parked: [{ subject, position, code, detail }] }, position);
  }

  private async commit({ apply, parked }: Plan, to: Position): Promise<boolean> {
    const write = async (sql: Sql): Promise<Advance> => ({
      changes: apply.length === 0 ? [] : await this.projection.apply(sql, apply),
      parked,
    });
    const advance = await this.store.advance(this.current, to, write);
    if (advance === undefined) return false;
    const parkedNow = new Map(this.current.parked);
    for (const { subject, code, detail } of parked) parkedNow.set(subject, { code, detail });
    this.current = { ...this.current, position: to, parked: parkedNow };
    this.onCommitted(advance);
    return true;
  }
}
