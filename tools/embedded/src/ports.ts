import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { claimName, type Claim } from './claim.js';

const LOWEST_PORT = 10_000;
const FEWEST_PORTS = 1_000;
const TRIES = 100;

/**
 * A loopback TCP port that is free right now and stays so until something listens there, as far as can be: the kernel
 * gives none from below its range to a connection that goes out meanwhile (`ip_local_port_range`, Linux). Where that
 * range begins too low, the kernel chooses.
 */
export async function freePort(): Promise<number> {
  const end = await firstOutgoingPort();
  const room = end - LOWEST_PORT >= FEWEST_PORTS;
  for (let tries = 0; room && tries < TRIES; tries++) {
    const port = await tryListen(randomInt(LOWEST_PORT, end));
    if (port !== undefined) return port;
  }
  const port = await tryListen(0);
  if (port === undefined) throw new Error('the kernel has no free TCP port on 127.0.0.1');
  return port;
}

async function firstOutgoingPort(): Promise<number> {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '');
  return Number.parseInt(range, 10) || 0;
}

/** A port for something that starts later, kept from other Phoenixes meanwhile where it is the wanted one. */
export interface ClaimedPort {
  readonly port: number;
  readonly claim: Claim | undefined;
}

/**
 * The wanted port where it is free, another one where it is taken. The claim is for two Phoenixes that start at the
 * same time: each would find the port free, and one would take itself for the other.
 */
export async function claimPort(wanted: number): Promise<ClaimedPort> {
  const { claim } = await claimName(`port ${wanted}`);
  const free = claim === undefined ? undefined : await tryListen(wanted);
  if (free !== undefined) return { port: free, claim };
  await claim?.release();
  return { port: await freePort(), claim: undefined };
}

const ATTEMPTS = 4;

/**
 * Starts something on ports that were free a moment ago, and tries again on others where somebody was faster.
 * @throws whatever `start` throws for any other reason
 */
export async function onFreePorts<T>(
  count: number,
  start: (ports: readonly number[]) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const ports = await Promise.all(Array.from({ length: count }, () => freePort()));
    try {
      return await start(ports);
    } catch (error) {
      if (attempt === ATTEMPTS || !/address already in use/i.test(String(error))) throw error;
    }
  }
}

function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(taken));
    });
  });
}
