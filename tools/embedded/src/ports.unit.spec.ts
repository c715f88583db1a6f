import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { claimPort, freePort, onFreePorts } from './ports.js';

describe('ports', () => {
  it('are tried again on others where somebody was faster', async () => {
    const tried: number[] = [];
    const result = await onFreePorts(1, ([port = 0]) => {
      tried.push(port);
      if (tried.length < 3) return Promise.reject(new Error('listen tcp: bind: address already in use'));
      return Promise.resolve(port);
    });
    expect(tried).toHaveLength(3);
    expect(result).toBe(tried[2]);
  });

  it('are not the cause of every failure', async () => {
    let starts = 0;
    const start = () => {
      starts += 1;
      return Promise.reject(new Error('no such file'));
    };
    await expect(onFreePorts(2, start)).rejects.toThrow('no such file');
    expect(starts).toBe(1);
  });

  it('are none that the kernel gives to a connection which goes out before anything listens', async () => {
    const [first = 0] = (await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'))
      .split(/\s+/)
      .map(Number);
    const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
    expect(Math.max(...ports)).toBeLessThan(first);
  });

  it('are others than the wanted one where that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    expect((await claimPort(taken)).port).not.toBe(taken);
    server.close();
  });

  it('are kept for one of two who want the same before either listens', async () => {
    const wanted = await freePort();
    const [one, other] = await Promise.all([claimPort(wanted), claimPort(wanted)]);
    expect([one.port, other.port].filter((port) => port === wanted)).toHaveLength(1);

    await (one.claim ?? other.claim)?.release();
    const next = await claimPort(wanted);
    expect(next.port).toBe(wanted);
    await next.claim?.release();
  });
});
