import type { NatsConnection } from '@nats-io/transport-node';

type Listener = () => void;

/**
 * Follows a connection's state. Two things hang on it: what is in flight when the link breaks has an unknown
 * outcome, and whatever is published before it stands again is discarded by the client (checked on 3.4.0).
 */
export class LinkState {
  private up = true;
  private readonly breaks = new Set<Listener>();

  constructor(connection: NatsConnection) {
    void this.follow(connection);
  }

  get connected(): boolean {
    return this.up;
  }

  /** Calls back each time the link breaks, and once more when it stands again or is closed. Returns the undo. */
  onBreak(listener: Listener): Listener {
    this.breaks.add(listener);
    return () => this.breaks.delete(listener);
  }

  private async follow(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') this.broken();
      if (status.type === 'reconnect') {
        this.broken();
        this.up = true;
      }
    }
    this.broken();
  }

  private broken(): void {
    this.up = false;
    for (const listener of [...this.breaks]) listener();
  }
}
