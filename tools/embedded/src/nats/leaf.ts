import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readKeyFile, writePrivateFile } from '#lib/platform';
import { LOOPBACK, type NetworkPlace } from '../network-place.js';
import { onFreePorts } from '../ports.js';
import { repositoryRoot } from '../places.js';
import { answersOk, waitUntilReady } from '../process/ready.js';
import { spawnService, type Exit } from '../process/service.js';
import { quoted, startNatsProcess } from './nats-process.js';

export interface LeafOptions {
  /** Holds the password file, the configuration and the log. Kept between starts. */
  readonly dir: string;
  readonly natsServer: string;
  readonly hubLeafUrl: string;
  /** The host's creds, by which the link authenticates at the hub. */
  readonly credsFile: string;
  /** A free port when left out. */
  readonly port?: number;
  /** Where it listens; loopback when left out. */
  readonly place?: NetworkPlace;
}

/** The running leaf: transport only, without JetStream, open to local processes that know the password. */
export interface Leaf {
  readonly url: string;
  readonly port: number;
  readonly user: 'agent';
  readonly passwordFile: string;
  readonly monitorUrl: string;
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  /** True while the link to the hub is up. */
  isLinked(): Promise<boolean>;
  stop(): Promise<Exit>;
  kill(): Promise<Exit>;
}

/** Starts a leaf. It comes up without the hub and links as soon as the hub is there. @throws PartNotReady */
export async function startLeaf(options: LeafOptions): Promise<Leaf> {
  const { dir } = options;
  await mkdir(dir, { recursive: true });
  const passwordFile = join(dir, 'agent.password');
  if (!existsSync(passwordFile)) await writePrivateFile(passwordFile, randomBytes(24).toString('base64url'));
  const password = await readKeyFile(passwordFile);
  const leaf = await onFreePorts(2, ([free = 0, monitorPort = 0]) =>
    startOn(options, { port: options.port ?? free, monitorPort, password }),
  );
  return { ...leaf, passwordFile };
}

async function startOn(options: LeafOptions, settings: LeafSettings): Promise<Omit<Leaf, 'passwordFile'>> {
  const { port, monitorPort } = settings;
  const place = options.place ?? LOOPBACK;
  const service = await startNatsProcess({
    name: 'nats-leaf',
    dir: options.dir,
    natsServer: options.natsServer,
    config: leafConfig(options, settings),
    monitorPort,
    place,
  });
  const monitorUrl = `http://${place.address}:${monitorPort}`;
  return {
    url: `nats://${place.address}:${port}`,
    port,
    user: 'agent',
    monitorUrl,
    pid: service.pid,
    exited: service.exited,
    isLinked: () => hasLink(monitorUrl),
    stop: () => service.stop(),
    kill: () => service.kill(),
  };
}

/** A leaf from one of the configurations in deploy/leaf. */
export interface ConfiguredLeafOptions {
  readonly kind: 'host' | 'site';
  /** Holds `accounts.conf`, and gets the configuration and the log. */
  readonly dir: string;
  readonly natsServer: string;
  readonly name: string;
  readonly hubLeafUrl: string;
  readonly credsFile: string;
  /** A free port when left out. */
  readonly port?: number;
}

/** Starts a leaf as an installation does, but on free ports of loopback. @throws PartNotReady */
export async function startConfiguredLeaf(
  options: ConfiguredLeafOptions,
): Promise<Omit<Leaf, 'user' | 'passwordFile'>> {
  const configFile = join(options.dir, `${options.kind}.conf`);
  await copyFile(join(repositoryRoot(), 'deploy', 'leaf', `${options.kind}.conf`), configFile);
  return onFreePorts(2, ([free = 0, monitorPort = 0]) =>
    startConfigured(options, { configFile, port: options.port ?? free, monitorPort }),
  );
}

async function startConfigured(
  { credsFile, dir, hubLeafUrl, name, natsServer }: ConfiguredLeafOptions,
  settings: { readonly configFile: string; readonly port: number; readonly monitorPort: number },
): Promise<Omit<Leaf, 'user' | 'passwordFile'>> {
  const { configFile, monitorPort, port } = settings;
  const logFile = join(dir, 'nats-leaf.log');
  const service = await spawnService({
    ...{ name: 'nats-leaf', command: natsServer, cwd: dir, output: { file: logFile } },
    args: ['-c', configFile, '-a', '127.0.0.1', '-p', String(port), '-m', String(monitorPort)],
    env: { PHOENIX_LEAF_NAME: name, PHOENIX_HUB_LEAF: hubLeafUrl, PHOENIX_LEAF_CREDS: credsFile },
  });
  const monitorUrl = `http://127.0.0.1:${monitorPort}`;
  await waitUntilReady(service, { logFile, isReady: () => answersOk(`${monitorUrl}/healthz`) });
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    monitorUrl,
    pid: service.pid,
    exited: service.exited,
    isLinked: () => hasLink(monitorUrl),
    stop: () => service.stop(),
    kill: () => service.kill(),
  };
}

interface LeafSettings {
  readonly port: number;
  readonly monitorPort: number;
  readonly password: string;
}

function leafConfig(options: LeafOptions, settings: LeafSettings): string {
  const { address } = options.place ?? LOOPBACK;
  return `server_name: ${quoted(`phoenix-leaf-${settings.port}`)}
listen: ${address}:${settings.port}
http: ${address}:${settings.monitorPort}
ping_interval: "10s"
ping_max: 1

authorization {
  users: [{ user: agent, password: ${quoted(settings.password)} }]
}

leafnodes {
  reconnect: "1s"
  remotes: [{ url: ${quoted(options.hubLeafUrl)}, credentials: ${quoted(options.credsFile)} }]
}
`;
}

async function hasLink(monitorUrl: string): Promise<boolean> {
  const answer = await fetch(`${monitorUrl}/leafz`);
  const { leafnodes } = (await answer.json()) as { readonly leafnodes: number };
  return leafnodes > 0;
}
