import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP door in front of a server, so that a test can cut every connection or take the server away. */
export interface Door {
  readonly url: string;
  /** Breaks what is open and lets nobody in until `open`. */
  shut(): Promise<void>;
  /** Lets people in again, at the same address. */
  open(): Promise<void>;
}

/** Opens a door to `target`, an http URL, on a free port of this machine. */
export async function openDoor(target: string): Promise<Door> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    // A cut connection reports an error at its other end; that is what a cut is.
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const server = createServer((inside) => {
    const outside = keep(connect(Number(port), hostname));
    keep(inside).pipe(outside).pipe(inside);
    inside.on('close', () => outside.destroy());
    outside.on('close', () => inside.destroy());
  });
  const own = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${own}`,
    shut: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    open: async () => {
      await listen(server, own);
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}
