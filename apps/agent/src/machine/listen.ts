import type { Server } from 'node:net';

/** Listens on loopback; resolves when it does. @throws Error `EADDRINUSE`, `EACCES` */
export function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
