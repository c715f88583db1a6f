import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

type Mood =
  | { readonly kind: 'open' }
  /** Nothing is forwarded and nothing closed, as when a cable is pulled. */
  | { readonly kind: 'stalled' }
  | { readonly kind: 'slow'; readonly delayMs: number; readonly bytesPerSecond: number };

/** Something that happens once. */
class Change {
  happen: () => void = () => undefined;
  readonly happened = new Promise<void>((resolve) => (this.happen = resolve));
}

const OPEN: Mood = { kind: 'open' };

/** A TCP link on loopback that can be made to fail. Both directions fail alike. */
export class Proxy {
  private mood: Mood = OPEN;
  private changed = new Change();
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private target: number,
  ) {
    server.on('connection', (socket) => this.forward(socket));
  }

  /** @param target port on 127.0.0.1 @param address where it listens itself */
  static async open(target: number, address = '127.0.0.1'): Promise<Proxy> {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
    const proxy = new Proxy(server, target);
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    return proxy;
  }

  get port(): number {
    return this.listening.port;
  }

  /** `address:port` where it listens. */
  get door(): string {
    return `${this.listening.address}:${this.port}`;
  }

  /** New connections lead there from now on. */
  leadTo(target: number): void {
    this.target = target;
  }

  stall(): void {
    this.become({ kind: 'stalled' });
  }

  slow(delayMs: number, bytesPerSecond: number): void {
    this.become({ kind: 'slow', delayMs, bytesPerSecond });
  }

  heal(): void {
    this.become(OPEN);
  }

  /** Breaks all connections with a TCP reset; new ones are taken. */
  reset(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.heal();
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private get listening(): AddressInfo {
    return this.server.address() as AddressInfo;
  }

  private become(mood: Mood): void {
    this.mood = mood;
    this.changed.happen();
    this.changed = new Change();
  }

  private forward(near: Socket): void {
    const far = connect({ port: this.target, host: '127.0.0.1', allowHalfOpen: true });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      // An error is followed by the close.
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.sockets.delete(socket);
        void this.passed(0).then(() => other.destroySoon());
      });
    }
    void this.pump(near, far);
    void this.pump(far, near);
  }

  private async pump(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        await this.passed(chunk.length);
        if (!to.write(chunk)) await new Promise<void>((resolve) => onceReady(to, resolve));
      }
      await this.passed(0);
      to.end();
    } catch {
      // Broken: the close of one ends the other.
    }
  }

  /** Resolves when so many bytes have come through. */
  private async passed(bytes: number): Promise<void> {
    while (this.mood.kind === 'stalled') await this.changed.happened;
    if (this.mood.kind !== 'slow') return;
    const { bytesPerSecond, delayMs } = this.mood;
    await Promise.race([sleep(delayMs + (bytes / bytesPerSecond) * 1000), this.changed.happened]);
  }
}

function onceReady(socket: Socket, ready: () => void): void {
  socket.once('drain', ready);
  socket.once('close', ready);
}
