import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { DATA_SOURCE, recordsOf } from '#lib/database';
import { DomainError } from '#lib/domain-kernel';
import { subjects, type HostId, type TenantId } from '#lib/events';
import { CLOCK, lastMessage, NATS, type Clock, type Nats } from '#lib/platform';
import type { Database } from '../../shared/views/database.js';
import type { HostDebug } from '../../shared/views/host-debug.view.js';
import { figuresOf, type HostFacts } from './facts.js';
import { linkChecks } from './link-checks.js';
import { workChecks } from './work-checks.js';

/** All of a desired state that is looked at here. */
const wantSchema = z.object({ generation: z.int().positive() });

/** Judges a host by what it told and by what was ordered from it. */
@Injectable()
export class HostDebugger {
  constructor(
    @Inject(DATA_SOURCE) private readonly db: Database,
    @Inject(NATS) private readonly nats: Nats,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws DomainError `host-not-found` */
  async examine(tenant: TenantId, id: HostId): Promise<HostDebug> {
    const [records, desired] = await Promise.all([
      recordsOf(this.db, tenant, id),
      this.desiredGeneration(tenant, id),
    ]);
    if (records === null)
      throw new DomainError('host-not-found', 'There is no such host.', 'See GET /fleet/hosts.');
    const facts: HostFacts = { now: this.clock.now(), records, desired };
    const checks = Object.entries({ ...linkChecks, ...workChecks }).map(([name, check]) => ({
      name,
      ...check(facts),
    }));
    return { id, status: records.status, at: this.clock.iso(), checks, figures: figuresOf(facts) };
  }

  private async desiredGeneration(tenant: TenantId, id: HostId): Promise<HostFacts['desired']> {
    try {
      const message = await lastMessage(this.nats, 'WANT', subjects.want(tenant, id));
      if (message === undefined) return null;
      const want = wantSchema.safeParse(JSON.parse(new TextDecoder().decode(message.data)));
      return want.success ? want.data.generation : 'the desired state in WANT is unreadable';
    } catch {
      return 'the desired state in WANT cannot be read now';
    }
  }
}
