import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { createLogger } from '#lib/platform';
import { WsPort } from './ws-port.js';

describe('the second port of the feed', () => {
  it('hands WebSockets on any path to the feed of the main server, and turns requests away', async () => {
    const main = createServer();
    const sockets = new WebSocketServer({ server: main, path: '/api/v1/ws' });
    const addresses: (string | undefined)[] = [];
    sockets.on('connection', (socket, request) => {
      addresses.push(request.url);
      socket.close();
    });
    main.listen(0, '127.0.0.1');
    await once(main, 'listening');
    const port = new WsPort(main);
    const taken = await port.listen(0, '127.0.0.1', createLogger({ app: 'test', level: 'fatal' }));

    await once(new WebSocket(`ws://127.0.0.1:${taken}/?access_token=t`), 'close');
    await once(new WebSocket(`ws://127.0.0.1:${taken}/api/v1/ws`), 'close');
    expect(addresses).toEqual(['/api/v1/ws?access_token=t', '/api/v1/ws']);
    const refused = await fetch(`http://127.0.0.1:${taken}/api/v1/experiments`);
    expect(refused.status).toBe(426);

    const second = new WsPort(main);
    const inUse = (main.address() as AddressInfo).port;
    await expect(
      second.listen(inUse, '127.0.0.1', createLogger({ app: 'test', level: 'fatal' })),
    ).rejects.toThrow('EADDRINUSE');
    await port.close();
    sockets.close();
    main.close();
  });
});
