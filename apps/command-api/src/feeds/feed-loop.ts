import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  CLOCK,
  LOGGER,
  NATS,
  SHUTDOWN,
  systemClock,
  type Clock,
  type Logger,
  type Nats,
  type Shutdown,
  type Ticker,
} from '#lib/platform';
import { Lag } from '../shared/views/lag.js';
import type { FeedConnection } from './feed-connection.js';
import { FeedHub } from './feed-hub.js';
import { FEED_SOURCE, type FeedSource } from './feed-source.js';
import { encode } from './protocol.js';

const DOORBELLS = 'feed.>';
/** How late a change can be shown when its doorbell was lost. */
const POLL_MS = 250;
const HEARTBEAT_MS = 15_000;

/** Keeps all sockets up to date: on doorbells, by polling where one was lost, and with a regular sign of life. */
@Injectable()
export class FeedLoop implements OnApplicationBootstrap {
  readonly hub: FeedHub;
  private readonly connections = new Set<FeedConnection>();
  private readonly stopping = new AbortController();
  private tickers: readonly Ticker[] = [];

  constructor(
    @Inject(FEED_SOURCE) source: FeedSource,
    @Inject(NATS) private readonly nats: Pick<Nats, 'subscribe'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SHUTDOWN) private readonly shutdown: Shutdown,
    private readonly lag: Lag,
  ) {
    this.hub = new FeedHub(source);
  }

  onApplicationBootstrap(): void {
    // Sockets live in real time, also where a test moves the domain's clock.
    this.tickers = [
      systemClock.every(
        POLL_MS,
        () => this.hub.round(),
        (error) => this.report(error),
      ),
      systemClock.every(
        HEARTBEAT_MS,
        () => this.beat(),
        (error) => this.report(error),
      ),
    ];
    void this.listen();
    this.shutdown.on('stop-intake', 'feeds', () => this.stop());
  }

  admit(connection: FeedConnection): void {
    this.connections.add(connection);
  }

  dismiss(connection: FeedConnection): void {
    connection.close();
    this.connections.delete(connection);
  }

  /** Looks for changes now rather than at the next poll. */
  wake(): void {
    this.hub.round().catch((error: unknown) => this.report(error));
  }

  private async listen(): Promise<void> {
    try {
      for await (const _doorbell of this.nats.subscribe(DOORBELLS, { signal: this.stopping.signal }))
        this.wake();
    } catch (error) {
      // The poll goes on; doorbells are hints.
      this.report(error);
    }
  }

  private async beat(): Promise<void> {
    if (this.connections.size === 0) return;
    const message = encode({ op: 'heartbeat', at: this.clock.iso(), ...(await this.position()) });
    for (const connection of this.connections) connection.beat(message, this.clock.now());
  }

  /** Newest position and the largest lag of a view; null while they cannot be asked for. */
  private async position(): Promise<{ readonly position: string | null; readonly lag: number | null }> {
    try {
      const { head, projections } = await this.lag.read();
      return { position: head, lag: Math.max(...projections.map(({ lag }) => lag)) };
    } catch (error) {
      this.report(error);
      return { position: null, lag: null };
    }
  }

  private async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.tickers.map((ticker) => ticker.stop()));
    for (const connection of this.connections) connection.goAway();
  }

  private report(error: unknown): void {
    this.logger.warn({ err: error }, 'feeds are not up to date');
  }
}
