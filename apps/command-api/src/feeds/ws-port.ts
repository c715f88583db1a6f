import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '#lib/platform';
import { FEED_PATH } from './feeds.gateway.js';

/**
 * A second port for the feed alone: networks often route WebSockets elsewhere than requests. Upgrades, on whatever
 * path, are handed to the main server; plain requests are told where they went wrong.
 */
export class WsPort {
  private readonly server: Server;

  constructor(main: Server) {
    this.server = createServer((_request, response) => {
      response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket', connection: 'upgrade' });
      response.end('This port speaks WebSocket only.\n');
    });
    this.server.on('upgrade', (request, socket, head) => {
      const [, query = ''] = (request.url ?? '').split('?');
      request.url = query === '' ? FEED_PATH : `${FEED_PATH}?${query}`;
      main.emit('upgrade', request, socket, head);
    });
  }

  /** @returns the port it listens on @throws Error when the port is taken */
  async listen(port: number, host: string, logger: Logger): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, resolve);
    });
    const { port: taken } = this.server.address() as AddressInfo;
    logger.info({ port: taken }, 'feed listens');
    return taken;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
    });
  }
}
