import { readFile } from 'node:fs/promises';
import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import {
  connect,
  credsAuthenticator,
  type Msg,
  type NatsConnection,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import { systemClock } from '../lifecycle/clock.js';
import { AsyncPublisher } from './async-publisher.js';
import { LinkState } from './link-state.js';
import { ReplyInbox } from './reply-inbox.js';

/** How an app or agent reaches NATS. Credentials are either a `.creds` file or a user with its password. */
export interface NatsConfig {
  readonly url: string;
  /** Shown by the server's monitoring. */
  readonly name: string;
  readonly credsFile?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** A host may only subscribe below its own prefix. */
  readonly inboxPrefix?: string | undefined;
  /** Keep trying when the server is not there yet; otherwise the first failure is final. */
  readonly waitForServer?: boolean;
}

/** A message of core NATS. */
export interface NatsMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly reply?: string;
  header(name: string): string | undefined;
}

const PING_MS = 15_000;
const RECONNECT_WAIT_MS = 500;
const ACK_TIMEOUT_MS = 5_000;

/**
 * One connection with the house rules: it reconnects for ever, notices a dead peer within 45 s, and everything
 * that matters goes through `publisher`, because the client drops what is published while disconnected.
 */
export class Nats {
  readonly link: LinkState;
  readonly replies: ReplyInbox;
  readonly publisher: AsyncPublisher;
  readonly jetstream: JetStreamClient;

  constructor(
    readonly connection: NatsConnection,
    inboxPrefix?: string,
  ) {
    this.link = new LinkState(connection);
    // Patience with a network is real time, also where a test moves the domain's clock.
    this.replies = new ReplyInbox(connection, this.link, systemClock, {
      timeoutMs: ACK_TIMEOUT_MS,
      ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
    });
    this.publisher = new AsyncPublisher(connection, this.link, this.replies);
    this.jetstream = jetstream(connection);
  }

  get connected(): boolean {
    return this.link.connected;
  }

  /** `major.minor.patch` of the server. */
  get serverVersion(): string {
    return this.connection.info?.version ?? '0.0.0';
  }

  /** Stream and consumer management; not available to hosts. */
  manager(): Promise<JetStreamManager> {
    return jetstreamManager(this.connection, { checkAPI: false });
  }

  /** At most once, and lost while disconnected: for heartbeats, doorbells and hand-over only. */
  send(subject: string, payload: Uint8Array, options: { readonly reply?: string } = {}): void {
    this.connection.publish(subject, payload, options);
  }

  /** Messages of a subject until the signal aborts. With `queue`, each message goes to one member of the queue. */
  async *subscribe(
    subject: string,
    options: { readonly signal: AbortSignal; readonly queue?: string },
  ): AsyncGenerator<NatsMessage> {
    const { signal, queue } = options;
    if (signal.aborted) return;
    const subscription = this.connection.subscribe(subject, queue === undefined ? {} : { queue });
    const stop = (): void => subscription.unsubscribe();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const message of subscription) yield toNatsMessage(message);
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  }

  /** One request with one reply, such as a leader read of another app. Rejects when nobody answers in time. */
  async request(subject: string, payload: Uint8Array, timeoutMs: number): Promise<NatsMessage> {
    return toNatsMessage(await this.connection.request(subject, payload, { timeout: timeoutMs }));
  }

  /** Resolves when everything sent so far has reached the server. */
  flush(): Promise<void> {
    return this.connection.flush();
  }

  /** Lets subscriptions finish what they have received, then closes. */
  async drain(): Promise<void> {
    await this.replies.close();
    if (!this.connection.isClosed()) await this.connection.drain();
  }
}

/** Connects. @throws Error of the client when the first attempt fails and `waitForServer` is not set */
export async function connectNats(config: NatsConfig): Promise<Nats> {
  return new Nats(await connect(await natsOptions(config)), config.inboxPrefix);
}

/** The house rules as options of the client; Nest's NATS transport takes the same. */
export async function natsOptions(config: NatsConfig): Promise<NodeConnectionOptions> {
  const options: NodeConnectionOptions = {
    servers: config.url,
    name: config.name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_WAIT_MS,
    pingInterval: PING_MS,
    maxPingOut: 2,
    waitOnFirstConnect: config.waitForServer ?? false,
    // A restarted hub can refuse a valid credential for a moment; giving up would need a restart of the app.
    ignoreAuthErrorAbort: true,
  };
  if (config.inboxPrefix !== undefined) options.inboxPrefix = config.inboxPrefix;
  if (config.credsFile !== undefined)
    options.authenticator = credsAuthenticator(await readFile(config.credsFile));
  if (config.user !== undefined) options.user = config.user;
  if (config.password !== undefined) options.pass = config.password;
  return options;
}

function toNatsMessage(message: Msg): NatsMessage {
  return {
    subject: message.subject,
    data: message.data,
    ...(message.reply === undefined ? {} : { reply: message.reply }),
    header: (name) => message.headers?.last(name) || undefined,
  };
}
