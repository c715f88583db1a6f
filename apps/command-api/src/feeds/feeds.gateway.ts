import type { KeyObject } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Inject } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';
import type { RawData, WebSocket } from 'ws';
import { CLOCK, JWT_KEY, type Clock } from '#lib/platform';
import { FeedConnection } from './feed-connection.js';
import { FeedLoop } from './feed-loop.js';
import { MAX_CLIENT_MESSAGE } from './protocol.js';
import { viewerOf } from './viewer.js';

export const FEED_PATH = '/api/v1/ws';

/** The WebSocket door. A token comes as `?access_token=` or, so that it stays out of addresses, as the first message. */
@WebSocketGateway({ path: FEED_PATH, maxPayload: MAX_CLIENT_MESSAGE })
export class FeedsGateway implements OnGatewayConnection<WebSocket> {
  constructor(
    private readonly loop: FeedLoop,
    @Inject(JWT_KEY) private readonly key: KeyObject,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  handleConnection(socket: WebSocket, request: IncomingMessage): void {
    const connection = new FeedConnection(socket, this.loop.hub, (token) =>
      viewerOf(token, this.key, this.clock),
    );
    this.loop.admit(connection);
    socket.on('close', () => this.loop.dismiss(connection));
    // A broken socket closes as well, and that is handled above.
    socket.on('error', () => undefined);
    socket.on('message', (data: RawData) => {
      connection.receive(textOf(data));
      this.loop.wake();
    });
    const token = new URL(request.url ?? '', 'ws://any').searchParams.get('access_token');
    if (token !== null) connection.authenticate(token);
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString();
}
