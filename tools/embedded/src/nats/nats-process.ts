import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivateFile } from '#lib/platform';
import { LOOPBACK, type NetworkPlace } from '../network-place.js';
import { answersOk, waitUntilReady } from '../process/ready.js';
import { spawnService, type Service } from '../process/service.js';

export interface NatsProcess {
  readonly name: 'nats-hub' | 'nats-leaf';
  readonly dir: string;
  /** Path of the nats-server binary. */
  readonly natsServer: string;
  readonly config: string;
  readonly monitorPort: number;
  /** Where it listens; this process must reach the address. Loopback when left out. */
  readonly place?: NetworkPlace;
}

/**
 * Starts a nats-server from configuration text kept at `<dir>/<name>.conf`, and waits for its health page.
 * @throws PartNotReady with the end of `<dir>/<name>.log`.
 */
export async function startNatsProcess(part: NatsProcess): Promise<Service> {
  const { address, namespace } = part.place ?? LOOPBACK;
  await mkdir(part.dir, { recursive: true });
  const configFile = join(part.dir, `${part.name}.conf`);
  const logFile = join(part.dir, `${part.name}.log`);
  await writePrivateFile(configFile, part.config);
  const service = await spawnService({
    name: part.name,
    command: part.natsServer,
    args: ['-c', configFile],
    cwd: part.dir,
    output: { file: logFile },
    ...(namespace !== undefined && { namespace }),
  });
  await waitUntilReady(service, {
    logFile,
    isReady: () => answersOk(`http://${address}:${part.monitorPort}/healthz`),
  });
  return service;
}

/** A quoted string of the nats-server configuration language. */
export function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
