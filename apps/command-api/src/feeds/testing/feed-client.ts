import { once } from 'node:events';
import { WebSocket } from 'ws';
import { eventually } from '#lib/platform-testing';
import type { ServerMessage } from '../protocol.js';
import { FeedState } from './feed-state.js';

/** A client of the feed as a program would write one: views with their cursors, and reconnection by hand. */
export class FeedClient {
  readonly views = new Map<string, FeedState>();
  readonly messages: ServerMessage[] = [];
  closed: number | undefined;
  private socket: WebSocket | undefined;

  constructor(private readonly address: string) {}

  async connect(): Promise<void> {
    const socket = new WebSocket(this.address);
    this.socket = socket;
    this.closed = undefined;
    socket.on('message', (data: Buffer) => this.receive(JSON.parse(data.toString()) as ServerMessage));
    socket.on('close', (code) => (this.closed = code));
    await once(socket, 'open');
  }

  send(message: unknown): void {
    this.socket?.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  authenticate(token: string): void {
    this.send({ op: 'authenticate', token });
  }

  /** Follows a view, from the last cursor seen when there is one. */
  subscribe(view: string): FeedState {
    const state = this.views.get(view) ?? new FeedState();
    this.views.set(view, state);
    this.send({ op: 'subscribe', view, ...(state.cursor === undefined ? {} : { cursor: state.cursor }) });
    return state;
  }

  /** Breaks the connection without a word, as a network does. */
  async cut(): Promise<void> {
    this.socket?.terminate();
    await eventually(() => this.closed !== undefined, 'the socket is closed');
  }

  errors(): readonly string[] {
    return this.messages.flatMap((message) => (message.op === 'error' ? [message.code] : []));
  }

  private receive(message: ServerMessage): void {
    this.messages.push(message);
    if ('view' in message) this.views.get(message.view)?.apply(message);
  }
}
