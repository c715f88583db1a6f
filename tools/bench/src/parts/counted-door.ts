import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A port of this machine that leads to another one and counts what passes. */
export interface CountedDoor {
  readonly port: number;
  /** Bytes of the TCP streams in both directions together, since it was opened. */
  bytes(): number;
  close(): Promise<void>;
}

/** Opens a port that leads to this address. What is counted is what TCP carries, without TCP's and IP's own headers. */
export async function openCountedDoor({ hostname, port }: URL): Promise<CountedDoor> {
  let bytes = 0;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      from.on('error', () => to.destroy());
      from.on('close', () => open.delete(from));
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => bytes,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
