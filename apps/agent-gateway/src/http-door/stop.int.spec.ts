import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { HTTP_DOOR_PATHS } from '#lib/agent-protocol';
import { eventually } from '#lib/platform-testing';
import { repositoryRoot, spawnService, type Service } from '#tools/embedded';
import { GatewayHouse } from '../testing/gateway-house.js';

const PATIENCE_MS = 120_000;
const HOSTS = 3;

describe('a gateway process that is told to stop while hosts poll', () => {
  let house: GatewayHouse;
  let gateway: Service;
  let log: string;
  let credentials: readonly string[];

  beforeAll(async () => {
    house = await GatewayHouse.open(HOSTS);
    const names = Array.from({ length: HOSTS }, (_, i) => `web-${i}`);
    const enrolled = await Promise.all(names.map((name) => house.enrolled(name)));
    credentials = enrolled.map(({ httpCredential = '' }) => httpCredential);
    await house.stopGateway();
    const { config, parts } = house;
    log = join(parts.dir, 'gateway.log');
    gateway = await spawnService({
      ...{ name: 'gateway', command: process.execPath, output: { file: log } },
      args: [join(repositoryRoot(), 'dist', 'apps', 'agent-gateway', 'src', 'main.js')],
      env: {
        ...{ PHOENIX_HTTP_PORT: String(config.httpPort), PHOENIX_NATS_URL: config.natsUrl },
        ...{ PHOENIX_NATS_CREDS: config.natsCreds, DATABASE_URL: config.databaseUrl },
        ...{ PHOENIX_NATS_SIGNING_DIR: config.signingDirectory, PHOENIX_NATS_LEAF_URL: config.leafUrl },
      },
    });
  }, PATIENCE_MS);
  afterAll(async () => {
    await gateway.stop();
    await house.close();
  }, PATIENCE_MS);

  /** A poll by a client that keeps its connection, as an agent's does. */
  const poll = (credential = '', wait = 30) =>
    fetch(`${house.url}/api/v1/${HTTP_DOOR_PATHS.tasks}?wait=${wait}`, {
      headers: { authorization: `Bearer ${credential}` },
    });
  /** Both polls of a host, once the second is held for certain: the first was answered because it came. */
  const held = async (credential: string): Promise<{ readonly answers: Promise<readonly Response[]> }> => {
    const polls = [poll(credential), poll(credential)];
    expect((await Promise.race(polls)).status).toBe(204);
    return { answers: Promise.all(polls) };
  };
  /** A connection on which a client, or the proxy before it, has sent only this so far. */
  const opened = async (text: string): Promise<Socket> => {
    const socket = connect(house.config.httpPort, '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  };

  it(
    'answers them at once, closes what is only open, and ends without the help of a budget',
    async () => {
      const isReady = async () => (await poll(credentials[0], 0).catch(() => undefined))?.status === 204;
      await eventually(isReady, 'the gateway', PATIENCE_MS);
      const open = [await opened(''), await opened('GET /api/v1/agent/tasks HTTP/1.1\r\nhost: x\r\n')];
      const closed = Promise.all(open.map((socket) => once(socket, 'close')));
      const polls = await Promise.all(credentials.map(held));
      process.kill(gateway.pid, 'SIGTERM');
      const { code } = await gateway.exited;
      await closed;
      for (const { answers } of polls)
        expect((await answers).map(({ status }) => status)).toEqual([204, 204]);
      expect(code).toBe(0);
      expect(await readFile(log, 'utf8')).not.toContain('left behind');
    },
    PATIENCE_MS,
  );
});
