import { jetstream, JetStreamApiError } from '@nats-io/jetstream';
import {
  connect,
  credsAuthenticator,
  headers as natsHeaders,
  type NatsConnection,
} from '@nats-io/transport-node';
import type { LinkVitals } from '#lib/agent-protocol';
import type { Clock } from '../clock.js';
import { AgentError, reasonOf } from '../errors.js';
import type { Log } from '../log.js';
import type { PublishAcked } from '../outbox/drain-lane.js';
import type { Arrival, Link, LinkFailure } from './door.js';
import { LinkLook } from './link-look.js';

/**
 * How the agent shows who it is: to its leaf by password, or by its own credentials. Those may change while it runs: a
 * function is asked at each connect.
 */
export type LinkIdentity =
  | { readonly user: string; readonly password: string }
  | { readonly creds: string | (() => string) }
  | { readonly anonymous: true };

export type LinkOptions = {
  readonly url: string;
  readonly identity: LinkIdentity;
  /** The only inbox that the host's permissions let through a leaf. */
  readonly inboxPrefix: string;
  readonly name: string;
  /** How often the connection is asked for a sign of life; 15 s when left out. The third without an answer ends it. */
  readonly pingEveryMs?: number;
  readonly clock: Clock;
  readonly log: Log;
};

const ACK_TIMEOUT_MS = 5_000;
const RETRY_MS = 1_000;
const PING_MS = 15_000;
/** No stream has this name, so whichever stream a probe comes to refuses it, stores nothing, and has answered. */
const NO_STREAM = 'PROBE-ONLY';

/** Connects in the background and stays connected for ever. */
export function openLink(options: LinkOptions): Link {
  return new NatsLink(options);
}

class NatsLink implements Link {
  private connection: NatsConnection | undefined;
  private connected = false;
  private failure: LinkFailure | undefined;
  private readonly look = new LinkLook();
  private readonly closing = new AbortController();
  private readonly listeners: (() => void)[] = [];
  private readonly servants: {
    readonly subject: string;
    readonly handle: (arrival: Arrival) => Promise<void>;
  }[] = [];
  private readonly running: Promise<void>;

  constructor(private readonly options: LinkOptions) {
    this.running = this.stayConnected();
  }

  readonly publishAcked: PublishAcked = async (subject, body, headers) => {
    if (this.connection === undefined || !this.connected)
      throw new AgentError('not-connected', this.options.url);
    const fields = natsHeaders();
    for (const [name, value] of Object.entries(headers)) fields.set(name, value);
    try {
      const options = { headers: fields, timeout: ACK_TIMEOUT_MS, retries: 1 };
      await jetstream(this.connection).publish(subject, body, options);
    } catch (error) {
      if (error instanceof JetStreamApiError) throw new AgentError('hub-refused', error.message);
      throw error;
    }
  };

  async probe(subject: string): Promise<void> {
    if (this.connection === undefined || !this.connected)
      throw new AgentError('not-connected', this.options.url);
    const headers = natsHeaders();
    headers.set('Nats-Expected-Stream', NO_STREAM);
    await this.connection.request(subject, undefined, { headers, timeout: ACK_TIMEOUT_MS });
  }

  lastFailure(): LinkFailure | undefined {
    return this.failure;
  }

  isConnected(): boolean {
    return this.connected;
  }

  about(): LinkVitals | undefined {
    return this.connected && this.connection !== undefined ? this.look.at(this.connection) : undefined;
  }

  publish(subject: string, body: Uint8Array): void {
    if (this.connected) this.connection?.publish(subject, body);
  }

  serve(subject: string, handle: (arrival: Arrival) => Promise<void>): void {
    const servant = { subject, handle };
    this.servants.push(servant);
    if (this.connection !== undefined) this.subscribe(this.connection, servant);
  }

  onConnect(listener: () => void): void {
    this.listeners.push(listener);
    if (this.connected) listener();
  }

  async renew(): Promise<void> {
    await this.connection?.reconnect().catch(() => undefined);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  /** The client reconnects by itself; it gives up only after errors that it holds for final, which none is here. */
  private async stayConnected(): Promise<void> {
    const { clock, log, url } = this.options;
    const { signal } = this.closing;
    const isClosing = (): boolean => signal.aborted;
    for (; !signal.aborted; await clock.sleep(RETRY_MS, signal).catch(() => undefined)) {
      try {
        const connection = await this.connect();
        for (const servant of this.servants) this.subscribe(connection, servant);
        this.connection = connection;
        this.cameUp();
        void this.follow(connection);
        const close = (): void => void connection.close();
        signal.addEventListener('abort', close);
        if (isClosing()) close();
        await connection.closed();
        this.wentDown();
      } catch (error) {
        this.failed(reasonOf(error));
        log.warn({ url, reason: reasonOf(error) }, 'link cannot connect, trying on');
      }
    }
  }

  private connect(): Promise<NatsConnection> {
    const { url, identity, inboxPrefix, name, pingEveryMs = PING_MS } = this.options;
    return connect({
      servers: url,
      name,
      inboxPrefix,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 500,
      reconnectJitter: 500,
      pingInterval: pingEveryMs,
      maxPingOut: 2,
      ignoreAuthErrorAbort: true,
      ...('user' in identity && { user: identity.user, pass: identity.password }),
      ...('creds' in identity && { authenticator: shownBy(identity.creds) }),
    });
  }

  private async follow(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'error') this.failed(status.error.message);
      // Left alone, the client waits until a dead peer takes what was written: with full buffers a quarter of an hour.
      if (status.type === 'staleConnection') void connection.close().catch(() => undefined);
      if (status.type === 'disconnect') this.wentDown();
      if (status.type === 'reconnect') this.cameUp();
    }
  }

  private failed(reason: string): void {
    this.failure = { at: this.options.clock.iso(), reason };
  }

  private wentDown(): void {
    if (this.connected && !this.closing.signal.aborted) this.failed('the connection was lost');
    this.connected = false;
    this.look.lost();
  }

  private cameUp(): void {
    this.connected = true;
    this.options.log.info({ url: this.options.url }, 'link is up');
    for (const listener of this.listeners) listener();
  }

  private subscribe(connection: NatsConnection, { subject, handle }: (typeof this.servants)[number]): void {
    const subscription = connection.subscribe(subject);
    void (async () => {
      for await (const message of subscription) {
        await handle({ bytes: message.data }).catch((error: unknown) =>
          this.options.log.warn({ subject, reason: reasonOf(error) }, 'arrival not handled'),
        );
      }
    })();
  }
}

function shownBy(creds: string | (() => string)): ReturnType<typeof credsAuthenticator> {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  return credsAuthenticator(typeof creds === 'string' ? encode(creds) : () => encode(creds()));
}
