import type { OnApplicationBootstrap } from '@nestjs/common';
import { isStarted } from '#lib/domain';
import {
  readStreamInBatches,
  systemClock,
  type Clock,
  type Health,
  type Logger,
  type Metrics,
  type Nats,
  type Shutdown,
} from '#lib/platform';
import { Gauge } from 'prom-client';
import type { ConfirmationsService } from './confirmations/confirmations.service.js';
import type { InventoryDesk } from './inventory/inventory-desk.js';
import type { HandOver } from './orders/hand-over.js';
import type { TaskDesk } from './tasks/task-desk.js';
import type { TaskIngest } from './tasks/task-ingest.js';
import type { OrderDesk } from './orders/order-desk.js';
import { STORE_SIGHTINGS_MS, type PresenceBook } from './presence/presence-book.js';
import type { PresenceService } from './presence/presence.service.js';
import type { BookChange, FleetBook } from './shared/fleet-book.js';
import type { FleetFollower } from './shared/fleet-follower.js';
import type { RevocationService } from './revocation/revocation.service.js';
import { hostsOf, UPLINK_LEASE, type HostShare } from './shared/host-share.js';
import type { Leases } from './shared/leases.js';
import { LEASE_ROUND_MS } from './shared/leases.provider.js';
import type { RecordingArrivals } from './uplink/recording-arrivals.js';
import type { UplinkReader } from './uplink/uplink-reader.js';

const PRESENCE_MS = 1_000;
const CONFIRM_MS = 500;
/** Offers that got no answer are repeated at this pace; doorbells make the usual case immediate. */
const SWEEP_MS = 3_000;
const RETRY_MS = 500;
/** A revoked host is cut off within a few of these. */
const REVOKE_MS = 1_000;
/** Parts of recordings that nothing follows are looked for so often. */
const ABANDONED_MS = 60_000;
const TASK_BATCH = 500;

export interface GatewayParts {
  readonly nats: Nats;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly shutdown: Shutdown;
  readonly book: FleetBook;
  readonly follower: FleetFollower;
  readonly leases: Leases;
  readonly share: HostShare;
  readonly presenceBook: PresenceBook;
  readonly presence: PresenceService;
  readonly inventory: InventoryDesk;
  readonly desk: OrderDesk;
  readonly tasks: TaskDesk;
  readonly taskIngest: TaskIngest;
  readonly handOver: HandOver;
  readonly confirmations: ConfirmationsService;
  readonly uplink: UplinkReader;
  readonly revocation: RevocationService;
  readonly recordings: RecordingArrivals;
}

/** Everything in the gateway that runs by itself, started once and stopped in order. */
export class GatewayLoops implements OnApplicationBootstrap {
  private readonly stopping = new AbortController();
  /** Later than all else: until the last offer is answered, its reply must be heard. */
  private readonly deaf = new AbortController();

  constructor(private readonly parts: GatewayParts) {}

  onApplicationBootstrap(): void {
    const { signal } = this.stopping;
    this.report();
    const loops = [
      this.keepRunning('fleet book', () =>
        this.parts.follower.follow(signal, {
          caughtUp: () => this.onCaughtUp(),
          change: (change) => this.onChange(change),
        }),
      ),
      this.keepRunning('uplink', () =>
        this.parts.leases.whileHeld(UPLINK_LEASE, (held) =>
          this.parts.uplink.read(AbortSignal.any([signal, held])),
        ),
      ),
      this.keepRunning('tasks', () => this.readTasks(signal)),
    ];
    const replies = this.keepRunning(
      'replies',
      () => this.parts.handOver.listen(this.deaf.signal),
      this.deaf.signal,
    );
    const tickers = [
      systemClock.every(LEASE_ROUND_MS, () => this.shareOut(), this.onTickFailed('leases')),
      this.tick(PRESENCE_MS, 'presence', () => this.parts.presence.sweep()),
      this.tick(STORE_SIGHTINGS_MS, 'heartbeats', () => this.parts.presence.flush()),
      this.tick(PRESENCE_MS, 'inventories', () => this.whenCaughtUp(() => this.parts.inventory.sweep())),
      this.tick(CONFIRM_MS, 'confirmations', () => this.whenCaughtUp(() => this.parts.confirmations.sweep())),
      this.tick(REVOKE_MS, 'revocations', () => this.whenCaughtUp(() => this.parts.revocation.sweep())),
      this.tick(SWEEP_MS, 'orders', () => this.whenCaughtUp(() => this.offerAgain())),
      this.tick(SWEEP_MS, 'overdue tasks', () => this.parts.tasks.sweepOverdue()),
      this.tick(ABANDONED_MS, 'abandoned recordings', () => this.parts.recordings.sweep()),
    ];
    this.parts.shutdown.on('stop-intake', 'gateway loops', async () => {
      this.stopping.abort();
      this.parts.tasks.leave();
      await Promise.all([...tickers.map((ticker) => ticker.stop()), ...loops]);
      await this.parts.revocation.close();
    });
    this.parts.shutdown.on('finish-in-flight', 'orders', () => this.parts.desk.whenIdle());
    this.parts.shutdown.on('finish-in-flight', 'tasks', () => this.parts.tasks.whenIdle());
    this.parts.shutdown.on('flush', 'replies', () => {
      this.deaf.abort();
      return replies;
    });
    this.parts.shutdown.on('flush', 'leases', () => this.parts.leases.close());
  }

  private report(): void {
    this.parts.health.register('fleet-book', () =>
      this.parts.follower.caughtUp ? undefined : 'still reading the log of events',
    );
    this.parts.health.register('readable-log', () =>
      this.parts.follower.unreadable.length === 0
        ? undefined
        : `unreadable: ${this.parts.follower.unreadable.join(', ')}`,
    );
    this.parts.health.register('revocations', () => this.parts.revocation.trouble);
    const { leases, presenceBook: book } = this.parts;
    new Gauge({
      name: 'phoenix_gateway_leases',
      help: 'Parts of the fleet that this gateway holds.',
      registers: [this.parts.metrics.registry],
      collect() {
        this.set(leases.count);
      },
    });
    new Gauge({
      name: 'phoenix_hosts_online',
      help: 'Hosts heard within the offline limit.',
      registers: [this.parts.metrics.registry],
      collect() {
        this.set(book.onlineCount());
      },
    });
  }

  private onCaughtUp(): void {
    this.takeOver((tenant, host) => this.parts.share.holds(tenant, host));
  }

  /** Finds out which hosts are this gateway's, and begins anew with those that have come. */
  private async shareOut(): Promise<void> {
    const { lost, gained } = await this.parts.leases.round();
    if (lost.size + gained.size === 0) return;
    const isOther = hostsOf(new Set([...lost, ...gained]));
    this.parts.desk.forget(isOther);
    this.parts.presenceBook.forget(({ tenant, host }) => isOther(tenant, host));
    if (gained.size > 0 && this.parts.follower.caughtUp) this.takeOver(hostsOf(gained));
  }

  private takeOver(isMine: ReturnType<typeof hostsOf>): void {
    const { book, clock, presenceBook } = this.parts;
    const reachable = book.reachableHosts().filter(({ tenant, host }) => isMine(tenant, host));
    presenceBook.assume(reachable, clock.now());
    for (const { tenant, id } of book.allHosts()) if (isMine(tenant, id)) this.settle(tenant, id);
  }

  private onChange({ experiment, host }: BookChange): void {
    if (host !== undefined) this.settle(host.tenant, host.id);
    if (experiment !== undefined && isStarted(experiment.state))
      for (const id of experiment.state.run.hosts) this.settle(experiment.tenant, id);
  }

  /** Failures are repeated by the sweep. */
  private settle(...host: Parameters<OrderDesk['settle']>): void {
    this.parts.desk.settle(...host).catch((error: unknown) => {
      this.parts.logger.warn({ err: error, host: host[1] }, 'order not settled yet');
    });
  }

  private offerAgain(): Promise<void> {
    for (const { tenant, id } of this.parts.desk.unanswered()) this.settle(tenant, id);
    for (const { tenant, host } of this.parts.tasks.reachable())
      this.parts.tasks.settle(tenant, host).catch((error: unknown) => {
        this.parts.logger.warn({ err: error, host }, 'tasks not handed over yet');
      });
    return Promise.resolve();
  }

  private async readTasks(signal: AbortSignal): Promise<void> {
    // In this order: what another gateway takes in between is read again.
    const after = await this.parts.taskIngest.position();
    await this.parts.tasks.load();
    const options = { stream: 'TASKS', after, signal };
    for await (const batch of readStreamInBatches(this.parts.nats, options, TASK_BATCH))
      await this.parts.taskIngest.take(batch);
  }

  private whenCaughtUp(run: () => Promise<void>): Promise<void> {
    return this.parts.follower.caughtUp ? run() : Promise.resolve();
  }

  private tick(ms: number, name: string, task: () => Promise<void>) {
    return this.parts.clock.every(ms, task, this.onTickFailed(name));
  }

  private onTickFailed(name: string) {
    return (error: unknown): void => {
      this.parts.logger.warn({ err: error, task: name }, 'task failed, it runs again');
    };
  }

  /** Starts a loop again when it ends by an error. */
  private async keepRunning(
    name: string,
    loop: () => Promise<void>,
    signal = this.stopping.signal,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        await loop();
      } catch (error) {
        this.parts.logger.error({ err: error, loop: name }, 'loop failed, it starts again');
      }
      await this.parts.clock.sleep(RETRY_MS, signal);
    }
  }
}
