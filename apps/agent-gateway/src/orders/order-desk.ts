import type { ApplyCollectors, Attempt, HandOverReply } from '#lib/agent-protocol';
import type { HostId, TenantId } from '#lib/events';
import { PipelineError, type RenderedPipeline } from '#lib/pipelines';
import type { Clock } from '#lib/platform';
import { key, type FleetBook } from '../shared/fleet-book.js';
import { HostQueues } from '../shared/host-queues.js';
import { desiredStateOf, type Desired } from '../shared/desired.js';
import { sameContent, taskIdOf, type Want } from '../shared/want.js';
import type { HandOver } from './hand-over.js';
import { wasUnrenderable, type RenderFailures } from './render-failures.js';
import type { WantStore } from './want-store.js';

/** Where rendered configurations and the gateway's own ledger entries are kept. */
export interface OrderRecords {
  saveConfigs(tenant: TenantId, configs: readonly RenderedPipeline[], at: string): Promise<void>;
  recordOffered(
    where: { readonly tenant: TenantId; readonly host: HostId; readonly experimentId: string | null },
    attempt: Attempt,
  ): Promise<void>;
}

export interface OrderDeskParts {
  readonly book: FleetBook;
  readonly wants: WantStore;
  readonly handOver: HandOver;
  readonly records: OrderRecords;
  readonly failures: Pick<RenderFailures, 'tell'>;
  readonly clock: Clock;
  readonly isOnline: (tenant: TenantId, host: HostId) => boolean;
}

interface Desk {
  readonly tenant: TenantId;
  readonly id: HostId;
  want: Want | undefined;
  /** Highest generation that the host has taken, refused or outgrown: there is no use in offering it again. */
  answered: number;
  /** Highest generation that was offered; the ledger has one `offered` entry for each. */
  offered: number;
}

/**
 * Brings every host to the state that its experiment wants: writes WANT when the wanted content changes, and offers
 * the order until the host has answered. A host for which nothing can be rendered gets none.
 * Safe to call at any time and any number of times.
 */
export class OrderDesk {
  private readonly desks = new Map<string, Desk>();
  private readonly queues = new HostQueues();

  constructor(private readonly parts: OrderDeskParts) {}

  /** The host says which generation it has; an older one gets the newest order again. */
  helloFrom(tenant: TenantId, host: HostId, generation: number): Promise<void> {
    this.deskOf(tenant, host).answered = generation;
    return this.settle(tenant, host);
  }

  /** One step of one host at a time; steps of different hosts run side by side. */
  settle(tenant: TenantId, host: HostId): Promise<void> {
    return this.queues.share(tenant, host, () => this.step(tenant, host));
  }

  /** Forgets what it knows of hosts that another gateway has, or had meanwhile. */
  forget(isOther: (tenant: TenantId, host: HostId) => boolean): void {
    for (const [name, { tenant, id }] of this.desks) if (isOther(tenant, id)) this.desks.delete(name);
  }

  /** Settles, then says whether the host has answered all that it is to run. */
  async settled(tenant: TenantId, host: HostId): Promise<boolean> {
    await this.settle(tenant, host);
    return this.hasAnswered(tenant, host);
  }

  /** Whether the host has answered all that it is to run, as far as is known without asking. */
  hasAnswered(tenant: TenantId, host: HostId): boolean {
    const { answered, want } = this.deskOf(tenant, host);
    return want === undefined || answered >= want.generation;
  }

  /** Resolves when no step is under way. */
  whenIdle(): Promise<void> {
    return this.queues.whenIdle();
  }

  /** Hosts that are online and have not answered their newest order. */
  unanswered(): readonly { readonly tenant: TenantId; readonly id: HostId }[] {
    return [...this.desks.values()].filter(
      ({ tenant, id, want, answered }) =>
        want !== undefined && answered < want.generation && this.parts.isOnline(tenant, id),
    );
  }

  private async step(tenant: TenantId, host: HostId): Promise<void> {
    if (!this.parts.handOver.holds(tenant, host)) return;
    const known = this.parts.book.host(tenant, host);
    const owner = this.parts.book.ownerOf(tenant, host);
    if (known === undefined || known.state.phase === 'absent' || known.state.phase === 'revoked') return;
    if (owner === undefined) return;
    const { configuration, labels } = known.state;
    const desired = rendered(() => desiredStateOf(owner.id, owner.state, { id: host, labels }));
    if (desired instanceof PipelineError)
      return this.parts.failures.tell(tenant, host, configuration, desired);
    // What could not be rendered and now can is ordered anew, so that the host says that it is well again.
    const atLeast = wasUnrenderable(configuration) ? configuration.generation + 1 : 0;
    const want = await this.want(tenant, host, desired, atLeast);
    await this.offer(tenant, host, want, desired);
  }

  private async want(tenant: TenantId, host: HostId, desired: Desired, above: number): Promise<Want> {
    const desk = this.deskOf(tenant, host);
    const atLeast = Math.max(desk.answered, above);
    desk.want ??= await this.parts.wants.read(tenant, host);
    const current = desk.want;
    // A host that is ahead of WANT has seen a newer stream than this one: only a higher generation reaches it.
    if (current !== undefined && sameContent(current, desired.content) && atLeast <= current.generation)
      return current;
    await this.parts.records.saveConfigs(tenant, desired.rendered, this.parts.clock.iso());
    desk.want = await this.parts.wants.write({ tenant, host }, desired.content, atLeast);
    return desk.want;
  }

  private async offer(tenant: TenantId, host: HostId, want: Want, desired: Desired): Promise<void> {
    const desk = this.deskOf(tenant, host);
    if (desk.answered >= want.generation || !this.parts.isOnline(tenant, host)) return;
    const { clock, handOver, records } = this.parts;
    const where = { tenant, host, experimentId: want.experimentId };
    const order = orderOf(want, desired);
    if (desk.offered < want.generation) {
      await records.recordOffered(where, offeredAttempt(order, clock.iso()));
      desk.offered = want.generation;
    }
    const reply = await handOver.offer(tenant, host, order);
    // A host that has no room for the order on its disk has none for a report either, so the gateway writes it down.
    if (reply?.status === 'rejected')
      await records.recordOffered(where, rejectedAttempt(order, reply, clock.iso()));
    if (reply !== undefined) desk.answered = Math.max(desk.answered, want.generation);
  }

  private deskOf(tenant: TenantId, host: HostId): Desk {
    const name = key(tenant, host);
    const desk: Desk = this.desks.get(name) ?? { tenant, id: host, want: undefined, answered: 0, offered: 0 };
    this.desks.set(name, desk);
    return desk;
  }
}

function rendered(render: () => Desired): Desired | PipelineError {
  try {
    return render();
  } catch (error) {
    if (error instanceof PipelineError) return error;
    throw error;
  }
}

function orderOf(want: Want, { rendered }: Desired): ApplyCollectors {
  const byHash = new Map(rendered.map((config) => [config.hash, config]));
  return {
    kind: 'ApplyCollectors',
    taskId: taskIdOf(want),
    generation: want.generation,
    experimentId: want.experimentId,
    drain: want.drain,
    criticalProcesses: want.criticalProcesses,
    collectors: want.collectors.map((collector) => ({
      ...collector,
      rendered: byHash.get(collector.configHash),
    })),
  };
}

function rejectedAttempt(order: ApplyCollectors, { reason }: HandOverReply, at: string): Attempt {
  return { ...offeredAttempt(order, at), stage: 'failed', reason: reason ?? 'rejected without a reason' };
}

function offeredAttempt({ generation, taskId, collectors }: ApplyCollectors, at: string): Attempt {
  return {
    kind: 'attempt',
    at,
    generation,
    taskId,
    stage: 'offered',
    collectors: collectors.map(({ variant, configHash }) => ({ variant, configHash })),
  };
}
