import {
  hostSubjects,
  HTTP_DOOR_PATHS,
  LONGEST_POLL_SECONDS,
  UPLINK_MEDIA_TYPE,
  type LinkVitals,
} from '#lib/agent-protocol';
import type { Clock } from '../clock.js';
import { AgentError, reasonOf } from '../errors.js';
import type { Log } from '../log.js';
import type { PublishAcked } from '../outbox/drain-lane.js';
import type { Handle, Link, LinkFailure } from './door.js';

export type HttpLinkOptions = {
  /** Base address of the agent gateway, or of the proxy that ends TLS before it. */
  readonly url: string;
  /** Bearer credential of the host; a function is asked for each request. */
  readonly credential: string | (() => string);
  readonly tenant: string;
  readonly host: string;
  readonly clock: Clock;
  readonly log: Log;
};

/** What one request may take, beyond the time that a poll waits. */
const BUDGET_MS = 15_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
/** Longest wait that a gateway, or a proxy before it, is believed. */
const LONGEST_WAIT_MS = 60_000;
const TOO_MANY = 429;

/** The HTTP door as a link: long polls in the place of a subscription, and one request for each message. */
export function openHttpLink(options: HttpLinkOptions): Link {
  return new HttpLink(options);
}

class HttpLink implements Link {
  private connected = false;
  private failure: LinkFailure | undefined;
  /** The gateway wants to hear nothing before this, ms. */
  private welcomeAt = 0;
  private readonly closing = new AbortController();
  private readonly listeners: (() => void)[] = [];
  private readonly servants: { readonly subject: string; readonly handle: Handle }[] = [];
  private readonly subjects: ReturnType<typeof hostSubjects>;
  private readonly running: Promise<void>;

  constructor(private readonly options: HttpLinkOptions) {
    this.subjects = hostSubjects(options.tenant, options.host);
    this.running = this.pollForEver();
  }

  readonly publishAcked: PublishAcked = async (subject, body, headers) => {
    const path = this.pathOf(subject);
    const { status } = await this.post(path, body, { ...headers, 'content-type': UPLINK_MEDIA_TYPE });
    if (status === 200) return;
    if (status === 413 || status === 422) throw new AgentError('hub-refused', `${path} answered ${status}`);
    throw new Error(`${path} answered ${status}`);
  };

  /** Its polls say all the time whether the gateway answers. */
  probe(): Promise<void> {
    return this.connected
      ? Promise.resolve()
      : Promise.reject(new AgentError('not-connected', this.options.url));
  }

  lastFailure(): LinkFailure | undefined {
    return this.failure;
  }

  isConnected(): boolean {
    return this.connected;
  }

  about(): LinkVitals | undefined {
    return this.connected ? { door: 'long-poll' } : undefined;
  }

  publish(subject: string, body: Uint8Array): void {
    if (!this.connected) return;
    const path = this.pathOf(subject);
    this.post(path, body, { 'content-type': 'application/json' }).then(
      ({ status }) => {
        if (status >= 400) this.options.log.warn({ path, status }, 'gateway refused');
      },
      (error: unknown) => this.options.log.warn({ path, reason: reasonOf(error) }, 'not sent'),
    );
  }

  serve(subject: string, handle: Handle): void {
    this.servants.push({ subject, handle });
  }

  onConnect(listener: () => void): void {
    this.listeners.push(listener);
    if (this.connected) listener();
  }

  /** Each request shows the credential as it is then. */
  renew(): Promise<void> {
    return Promise.resolve();
  }

  /** Ends the poll. What is being sent is sent. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
    this.connected = false;
  }

  private async pollForEver(): Promise<void> {
    const { log, url } = this.options;
    const { signal } = this.closing;
    for (let pause = FIRST_PAUSE_MS; !signal.aborted;) {
      try {
        const isBusy = await this.poll();
        pause = FIRST_PAUSE_MS;
        // Somebody else polls in the name of this host, or the gateway is leaving: no reason to run in circles.
        if (!isBusy) await this.pause(FIRST_PAUSE_MS);
      } catch (error) {
        if (isAborted(signal)) return;
        this.failure = { at: this.options.clock.iso(), reason: reasonOf(error) };
        if (this.connected || pause === FIRST_PAUSE_MS)
          log.warn({ url, reason: reasonOf(error) }, 'gateway not reached, trying on');
        this.connected = false;
        await this.pause(pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  /** One poll; false when it came back empty before its time. The first one of a connection does not wait. */
  private async poll(): Promise<boolean> {
    const { clock } = this.options;
    const seconds = this.connected ? LONGEST_POLL_SECONDS : 0;
    const began = clock.now();
    const path = `${HTTP_DOOR_PATHS.tasks}?wait=${seconds}`;
    await this.welcome();
    const { status, bytes } = await this.request(path, {
      method: 'GET',
      signal: AbortSignal.any([this.closing.signal, AbortSignal.timeout(seconds * 1000 + BUDGET_MS)]),
    });
    if (status === TOO_MANY) return true;
    if (status !== 200 && status !== 204) throw new Error(`the poll was answered ${status}`);
    if (!this.connected) this.cameUp();
    if (status === 204) return clock.now() - began >= (seconds * 1000) / 2;
    for (const { handle, subject } of this.servants)
      if (subject === this.subjects.task)
        await handle({ bytes }).catch((error: unknown) =>
          this.options.log.warn({ subject, reason: reasonOf(error) }, 'arrival not handled'),
        );
    return true;
  }

  private cameUp(): void {
    this.connected = true;
    this.options.log.info({ url: this.options.url }, 'gateway reached');
    for (const listener of this.listeners) listener();
  }

  /** Sends until it was not too much: what the gateway had no room for was not taken. */
  private async post(
    path: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    for (;;) {
      await this.welcome();
      const signal = AbortSignal.timeout(BUDGET_MS);
      const answer = await this.request(path, { method: 'POST', headers, body, signal });
      if (answer.status !== TOO_MANY || this.closing.signal.aborted) return answer;
    }
  }

  /** Resolves when the gateway wants to hear of this host again. */
  private async welcome(): Promise<void> {
    const { clock } = this.options;
    while (clock.now() < this.welcomeAt && !this.closing.signal.aborted)
      await this.pause((this.welcomeAt - clock.now()) * 1.25);
  }

  private async request(path: string, init: RequestInit): Promise<Answer> {
    const { credential, url } = this.options;
    const bearer = typeof credential === 'string' ? credential : credential();
    const response = await fetch(new URL(`/api/v1/${path}`, url), {
      ...init,
      headers: { ...(init.headers as object), authorization: `Bearer ${bearer}` },
      redirect: 'error',
    });
    if (response.status === TOO_MANY) this.holdBack(response.headers.get('retry-after'));
    return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
  }

  private holdBack(retryAfter: string | null): void {
    const { clock, log, url } = this.options;
    const seconds = Number(retryAfter);
    const waitMs = seconds > 0 ? Math.min(seconds * 1000, LONGEST_WAIT_MS) : FIRST_PAUSE_MS;
    if (clock.now() >= this.welcomeAt) log.info({ url, waitMs }, 'gateway has no room, waiting');
    this.welcomeAt = Math.max(this.welcomeAt, clock.now() + waitMs);
  }

  private pause(ms: number): Promise<void> {
    // The jitter keeps the hosts of a site from knocking in step after an outage.
    const jittered = ms * (0.75 + Math.random() / 2);
    return this.options.clock.sleep(jittered, this.closing.signal).catch(() => undefined);
  }

  /** Messages carry subjects, on the disk too, so that every door sends the same. */
  private pathOf(subject: string): string {
    const { heartbeat, hello, metrics } = this.subjects;
    if (subject === hello) return HTTP_DOOR_PATHS.hello;
    if (subject === heartbeat) return HTTP_DOOR_PATHS.heartbeat;
    if (subject === metrics) return HTTP_DOOR_PATHS.metrics;
    if (subject.startsWith(this.subjects.uplink(''))) return HTTP_DOOR_PATHS.results;
    const replies = this.subjects.reply('');
    if (subject.startsWith(replies)) return HTTP_DOOR_PATHS.acceptance(subject.slice(replies.length));
    throw new AgentError('hub-refused', `no path for ${subject}`);
  }
}

type Answer = { readonly status: number; readonly bytes: Uint8Array };

function isAborted({ aborted }: AbortSignal): boolean {
  return aborted;
}
