import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Knows the connections on which no request has come yet: clients and proxies open them in advance. Node calls them
 * neither busy nor idle, so closing a server waits for them (checked on Node 20). The function closes them, also those
 * that still come; what a request came on is left to the server, which answers first.
 */
export function closerOfUnused(server: Server): () => void {
  const unused = new Set<Socket>();
  let isClosing = false;
  server.on('connection', (socket: Socket) => {
    if (isClosing) {
      socket.destroy();
      return;
    }
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  const isUsed = ({ socket }: IncomingMessage): unknown => unused.delete(socket);
  server.on('request', isUsed).on('upgrade', isUsed);
  return () => {
    isClosing = true;
    for (const socket of unused) socket.destroy();
  };
}
