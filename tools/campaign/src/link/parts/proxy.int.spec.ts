import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { eventually } from '#lib/platform-testing';
import { Proxy } from './proxy.js';

/** A client, a proxy, and a server that sends everything back. */
describe('a link that can be made to fail', () => {
  let server: Server;
  let proxy: Proxy;
  let client: Socket;
  let heard = '';
  const errors: string[] = [];
  const arrived = new Set<Socket>();

  beforeEach(async () => {
    heard = '';
    errors.length = 0;
    server = createServer((socket) => {
      arrived.add(socket);
      socket.on('error', () => undefined).once('close', () => arrived.delete(socket));
      socket.pipe(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await Proxy.open((server.address() as AddressInfo).port);
    client = connect(proxy.port, '127.0.0.1');
    client.on('data', (chunk) => (heard += chunk.toString()));
    client.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code ?? ''));
    client.write('a');
    await eventually(() => heard === 'a', 'the echo');
  });
  afterEach(async () => {
    client.destroy();
    await proxy.close();
    await new Promise((resolve) => server.close(resolve));
  });

  /** Makes a round trip on another way in, which takes as long as any that the proxy would let through. */
  const roundTrip = async () => {
    const other = await Proxy.open((server.address() as AddressInfo).port);
    const socket = connect(other.port, '127.0.0.1');
    socket.write('x');
    await once(socket, 'data');
    socket.destroy();
    await other.close();
  };

  it('forwards nothing while it is stalled, closes nothing, and delivers everything afterwards', async () => {
    proxy.stall();
    client.write('b');
    for (let i = 0; i < 5; i++) await roundTrip();
    expect([heard, client.destroyed, errors.length]).toEqual(['a', false, 0]);
    proxy.heal();
    await eventually(() => heard === 'ab', 'what was held back');
  });

  it('lets no side know while it is stalled that the other is gone', async () => {
    proxy.stall();
    for (const socket of arrived) socket.destroy();
    for (let i = 0; i < 5; i++) await roundTrip();
    expect(client.destroyed).toBe(false);
    proxy.heal();
    await eventually(() => client.readableEnded || client.destroyed, 'the end');
  });

  it('delays without mixing', async () => {
    proxy.slow(30, 10_000);
    const began = performance.now();
    for (const letter of ['b', 'c', 'd']) client.write(letter);
    await eventually(() => heard === 'abcd', 'all of it');
    expect(performance.now() - began).toBeGreaterThanOrEqual(59);
  });

  it('resets its connections, and takes new ones', async () => {
    proxy.reset();
    await eventually(() => errors.includes('ECONNRESET'), 'the reset');
    const again = connect(proxy.port, '127.0.0.1');
    again.write('z');
    const [chunk] = (await once(again, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('z');
    again.destroy();
  });
});
