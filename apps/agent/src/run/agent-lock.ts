import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';

/**
 * Makes sure that one folder has one agent. The name is an abstract socket (unix(7)): the kernel gives it to one
 * process and takes it back when that ends, however it does, so no stale lock can stand in the way.
 */
export async function lockAgent(folder: string): Promise<Server | undefined> {
  const address = await addressOf(folder);
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => resolve(server.unref()));
  });
}

/** True while an agent runs in this folder, whatever it last wrote of itself. */
export async function isAgentRunning(folder: string): Promise<boolean> {
  const socket = connect(await addressOf(folder));
  const isRunning = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  return isRunning;
}

async function addressOf(folder: string): Promise<string> {
  const hash = createHash('sha256').update(await realpath(folder));
  return `\0phoenix-agent-${hash.digest('hex').slice(0, 32)}`;
}
