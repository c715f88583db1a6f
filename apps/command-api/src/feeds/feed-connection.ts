import type { WebSocket } from 'ws';
import type { FeedHub, Subscription } from './feed-hub.js';
import {
  clientMessageSchema,
  encode,
  parseView,
  type ClientMessage,
  type FeedErrorCode,
} from './protocol.js';
import type { Viewer } from './viewer.js';

/** A socket with this much unsent data gets nothing more until it has caught up. */
const MAX_UNSENT_BYTES = 1024 * 1024;
const MAX_SUBSCRIPTIONS = 64;

/** Close codes in the range that is free for applications; the same number as the HTTP status that fits. */
const CLOSE_UNAUTHENTICATED = 4401;
const CLOSE_NOT_READING = 4408;
/** RFC 6455: an endpoint is going away. */
const CLOSE_GOING_AWAY = 1001;

/** One client: who it is, what it follows, and whether it still reads. */
export class FeedConnection {
  private readonly subscriptions = new Map<string, Subscription>();
  private viewer: Viewer | undefined;
  /** Cleared at each beat and set by any sign of life. */
  private alive = true;

  constructor(
    private readonly socket: WebSocket,
    private readonly hub: FeedHub,
    private readonly verify: (token: string) => Viewer | undefined,
  ) {
    socket.on('pong', () => (this.alive = true));
  }

  /** What a client sends wrongly is answered, never thrown. */
  receive(data: string): void {
    this.alive = true;
    const message = clientMessageSchema.safeParse(parseJson(data)).data;
    if (message === undefined) this.refuse('invalid-message', 'Send authenticate, subscribe or unsubscribe.');
    else if (message.op === 'authenticate') this.authenticate(message.token);
    else if (this.viewer === undefined) this.refuseStranger();
    else if (message.op === 'unsubscribe') this.drop(message.view);
    else this.subscribe(this.viewer, message);
  }

  authenticate(token: string): void {
    this.viewer = this.verify(token);
    if (this.viewer === undefined) {
      this.refuseStranger();
      return;
    }
    const { id, role } = this.viewer;
    this.send(encode({ op: 'ready', user: { id, role } }));
  }

  /** The regular sign of life in both directions. @param now ms since the epoch */
  beat(message: Buffer, now: number): void {
    if (!this.alive) {
      this.socket.close(CLOSE_NOT_READING, 'no sign of life');
      return;
    }
    this.alive = false;
    if (this.viewer === undefined || this.viewer.expiresAt <= now) {
      this.refuseStranger();
      return;
    }
    this.socket.ping();
    this.send(message);
  }

  /** The server is ending: the client is to come back, to another replica or a moment later. */
  goAway(): void {
    this.socket.close(CLOSE_GOING_AWAY, 'restarting');
  }

  /** Gives everything back after the socket has closed. */
  close(): void {
    for (const name of [...this.subscriptions.keys()]) this.drop(name);
  }

  private subscribe(
    { tenant }: Viewer,
    { view: name, cursor }: Extract<ClientMessage, { op: 'subscribe' }>,
  ): void {
    const view = parseView(name);
    if (view === undefined) {
      this.refuse('unknown-view', `There is no view ${JSON.stringify(name)}.`);
      return;
    }
    this.drop(name);
    if (this.subscriptions.size >= MAX_SUBSCRIPTIONS) {
      this.refuse('too-many-subscriptions', `A socket follows at most ${MAX_SUBSCRIPTIONS} views.`);
      return;
    }
    const subscription: Subscription = {
      topic: { tenant, view, name },
      cursor: cursor === undefined ? undefined : Number(cursor),
      ready: () => this.socket.bufferedAmount < MAX_UNSENT_BYTES,
      send: (message) => this.send(message),
    };
    this.subscriptions.set(name, subscription);
    this.hub.add(subscription);
  }

  private drop(name: string): void {
    const subscription = this.subscriptions.get(name);
    if (subscription === undefined) return;
    this.subscriptions.delete(name);
    this.hub.remove(subscription);
  }

  private refuseStranger(): void {
    this.refuse('unauthenticated', 'The token is missing, expired or not ours.');
    this.socket.close(CLOSE_UNAUTHENTICATED, 'unauthenticated');
  }

  private refuse(code: FeedErrorCode, detail: string): void {
    this.send(encode({ op: 'error', code, detail }));
  }

  private send(message: Buffer): void {
    // As text: browsers hand text over as a string.
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(message, { binary: false });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
