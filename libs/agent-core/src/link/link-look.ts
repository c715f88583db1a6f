import type { NatsConnection } from '@nats-io/transport-node';
import type { LinkVitals } from '#lib/agent-protocol';

/** What an agent sees of the server that it talks to. Each look starts the next measurement and tells the last one. */
export class LinkLook {
  private rttMs: number | undefined;
  private isMeasuring = false;
  private spell = 0;

  /** The connection was lost: what was measured on it says nothing of the next. */
  lost(): void {
    this.rttMs = undefined;
    this.spell += 1;
  }

  at(connection: NatsConnection): LinkVitals {
    if (!this.isMeasuring) void this.measure(connection);
    const { jetstream, server_name: server } = connection.info ?? {};
    return {
      // The leaf is transport and has no JetStream; the hub has.
      door: jetstream === true ? 'nats' : 'leaf',
      ...(server !== undefined && { server: server.slice(0, 200) }),
      ...(this.rttMs !== undefined && { rttMs: this.rttMs }),
    };
  }

  private async measure(connection: NatsConnection): Promise<void> {
    const { spell } = this;
    this.isMeasuring = true;
    try {
      const rttMs = await connection.rtt();
      if (spell === this.spell) this.rttMs = rttMs;
    } catch {
      // Not connected: there is nothing to measure.
    } finally {
      this.isMeasuring = false;
    }
  }
}
