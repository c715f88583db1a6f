import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';

/**
 * Makes sure that one folder has one agent. The name is an abstract socket (unix(7)): the kernel gives it to one
 * process and takes it back when that ends, however it does, so no stale lock can stand in the way.
 */
export async function lockAgent(folder: string): Promise<Server | undefined> {
  const name = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(`\0phoenix-agent-${name}`, () => resolve(server.unref()));
  });
}
