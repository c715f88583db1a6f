import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { hostSubjects, type HandOverReply } from '#lib/agent-protocol';
import { decodeWindowMessage } from '#lib/metering';
import { mintHostCreds, revokeHost, writePrivateFile } from '#lib/platform';
import {
  layOutLeaf,
  repositoryRoot,
  resolveNatsServer,
  startConfiguredLeaf,
  type ConfiguredLeafOptions,
} from '#tools/embedded';
import type { Diagnosis } from '../doctor/doctor.js';
import { AgentHouse, applyOrder, collectorOrder, TENANT, until } from '../testing/agent-house.js';

type Leaf = Awaited<ReturnType<typeof startConfiguredLeaf>>;
type Minted = Awaited<ReturnType<typeof mintHostCreds>>;

const HOSTS = ['h1', 'h2'] as const;
const STRANGER = 'h3';

/** The environment of an agent that has nothing but the credential of its enrolment. */
const enrolledOnly = (folder: string, host: string, url: string): Readonly<Record<string, string>> => ({
  ...{
    PHOENIX_AGENT_DIR: folder,
    PHOENIX_AGENT_HOST: host,
    PHOENIX_AGENT_NATS_URL: url,
    PHOENIX_OTELCOL: '',
  },
  ...{ PHOENIX_AGENT_NATS_USER: '', PHOENIX_AGENT_NATS_PASSWORD_FILE: '' },
});

function doctorOf(environment: Readonly<Record<string, string>>): Promise<readonly Diagnosis[]> {
  const main = join(repositoryRoot(), 'dist', 'apps', 'agent', 'src', 'main.js');
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'doctor', '--json'], { env: environment }, (_error, stdout) =>
      resolve(
        stdout
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as Diagnosis),
      ),
    );
  });
}

describe('a site: two agents with their own credentials, one leaf', () => {
  let house: AgentHouse;
  let leaf: Leaf;
  let leafOptions: ConfiguredLeafOptions;
  const minted = new Map<string, Minted>();
  const environments = new Map<string, Readonly<Record<string, string>>>();
  const open: NatsConnection[] = [];

  /** Somebody with the credential of a host, at the leaf, whose program is not ours. */
  const connectAs = async (host: string, url = leaf.url): Promise<NatsConnection> => {
    const authenticator = credsAuthenticator(new TextEncoder().encode(minted.get(host)!.creds));
    const { inboxPrefix } = hostSubjects(TENANT, host);
    const connection = await connect({ servers: url, authenticator, inboxPrefix, reconnect: false });
    open.push(connection);
    return connection;
  };
  const linked = () => until(async () => ((await leaf.isLinked()) ? true : undefined));
  const heartbeatOf = async (host: string): Promise<void> => {
    const { heartbeat } = hostSubjects(TENANT, host);
    const heard = house.nats.connection.subscribe(heartbeat, { max: 1 });
    for await (const _ of heard) return;
  };
  const agentCheck = (host: string) => async (): Promise<Diagnosis | undefined> =>
    (await doctorOf(environments.get(host)!)).find(({ name }) => name === 'agent');

  beforeAll(async () => {
    house = await AgentHouse.open();
    const { hub } = house.parts;
    const dir = await house.folder('site');
    await layOutLeaf(dir, hub.security, {
      hubUrl: hub.url,
      site: { tenant: TENANT, site: 'berlin', hosts: HOSTS },
    });
    leafOptions = {
      ...{ kind: 'site', dir, name: 'leaf-berlin', hubLeafUrl: hub.leafUrl },
      natsServer: (await resolveNatsServer(() => undefined)).path,
      credsFile: join(dir, 'site.creds'),
    };
    leaf = await startConfiguredLeaf(leafOptions);
    await linked();
    for (const host of [...HOSTS, STRANGER])
      minted.set(host, await mintHostCreds(hub.security, { tenant: TENANT, host }));
    for (const host of HOSTS) {
      const folder = await house.folder(`agent-${host}`);
      await writePrivateFile(join(folder, 'host.creds'), minted.get(host)!.creds);
      const environment = enrolledOnly(folder, host, leaf.url);
      environments.set(host, { PATH: '/usr/bin:/bin', PHOENIX_AGENT_TENANT: TENANT, ...environment });
      await house.startAgent(environment);
    }
  });

  afterAll(async () => {
    for (const connection of open) await connection.close();
    await house.close();
    await leaf.stop();
  });

  it.each(HOSTS)('takes an order to %s, and its reply and its windows back', async (host) => {
    const { connection } = house.nats;
    const task = applyOrder(1, [collectorOrder('baseline', 'baseline')]);
    const { reply: replySubject, task: taskSubject } = hostSubjects(TENANT, host);
    const replies: HandOverReply[] = [];
    const listening = connection.subscribe(replySubject(task.taskId), {
      callback: (_error, message) => void replies.push(message.json()),
    });
    const reply = await until(() => {
      connection.publish(taskSubject, JSON.stringify(task));
      return replies[0];
    });
    listening.unsubscribe();
    expect(['accepted', 'duplicate']).toContain(reply.status);
    const hosts = await until(async () => {
      const found = (await house.stored('METRICS')).map(({ bytes }) => decodeWindowMessage(bytes).host);
      return found.includes(host) ? new Set(found) : undefined;
    });
    expect([...hosts].every((name) => name === 'h1' || name === 'h2')).toBe(true);
  });

  it('lets a host neither speak nor listen for its neighbour', async () => {
    const thief = await connectAs('h1');
    const victim = hostSubjects(TENANT, 'h2');
    const own = hostSubjects(TENANT, 'h1');
    await expect(
      jetstream(thief).publish(own.uplink('outbox-gap'), gapOf(1), { timeout: 5_000 }),
    ).resolves.toMatchObject({ stream: 'UPLINK' });
    for (const subject of [
      ...[victim.uplink('outbox-gap'), victim.heartbeat, victim.metrics, victim.hello, victim.reply('t1')],
      ...[victim.task, '$JS.API.INFO', '$JS.API.STREAM.NAMES', `evt.${TENANT}.host.h1`],
    ])
      await expect(thief.request(subject, gapOf(1), { timeout: 5_000 })).rejects.toThrow(
        'Permissions Violation',
      );
    for (const subject of ['>', 'down.>', victim.task, `${victim.inboxPrefix}.>`, 'hb.*.*', 'up.>']) {
      const heard = thief.subscribe(subject);
      await expect(
        (async () => {
          for await (const _ of heard) return 'heard something';
          return 'ended';
        })(),
      ).rejects.toThrow('Permissions Violation');
    }
  });

  it('lets nobody in without a credential', async () => {
    await expect(connect({ servers: leaf.url, reconnect: false })).rejects.toThrow('Authorization Violation');
  });

  it('carries nothing of a host that is not of this site, because the hub holds the link to its hosts', async () => {
    const stranger = await connectAs(STRANGER);
    const { heartbeat, uplink } = hostSubjects(TENANT, STRANGER);
    const heard: string[] = [];
    house.nats.connection.subscribe(heartbeat, { callback: () => void heard.push('heartbeat') });
    await house.nats.flush();
    await expect(
      jetstream(stranger).publish(uplink('outbox-gap'), gapOf(9), { timeout: 2_000, retries: 1 }),
    ).rejects.toThrow();
    stranger.publish(heartbeat, '{}');
    await stranger.flush();
    // What the hub takes from this link after the stranger's words comes after them.
    const neighbour = await connectAs('h1');
    await jetstream(neighbour).publish(hostSubjects(TENANT, 'h1').uplink('outbox-gap'), gapOf(2));
    await house.nats.flush();
    expect(heard).toEqual([]);
    const gaps = (await house.uplink()).filter((message) => message.kind === 'outbox-gap');
    expect(new Set(gaps.map(({ toN }) => toN))).toEqual(new Set([1, 2]));
  });

  it('leaves that host to a leaf of its own, by the configuration for one host', async () => {
    const { hub } = house.parts;
    const dir = await house.folder('own-leaf');
    await layOutLeaf(dir, hub.security, {});
    const credsFile = await house.file('stranger.creds', minted.get(STRANGER)!.creds);
    const own = await startConfiguredLeaf({ ...leafOptions, kind: 'host', dir, name: STRANGER, credsFile });
    const stranger = await connectAs(STRANGER, own.url);
    const { uplink } = hostSubjects(TENANT, STRANGER);
    const stored = await until(() =>
      jetstream(stranger)
        .publish(uplink('outbox-gap'), gapOf(3), { timeout: 2_000 })
        .catch(() => undefined),
    );
    expect(stored.stream).toBe('UPLINK');
    await own.stop();
  });

  it('is missed by both agents when it dies, and both go on when it is back', async () => {
    for (const host of HOSTS)
      expect(await until(wanted(agentCheck(host), /^runs, linked/))).not.toHaveProperty('fix');
    await leaf.kill();
    for (const host of HOSTS)
      expect(await until(wanted(agentCheck(host), /^runs, not linked/))).toMatchObject({
        fix: 'see the check of the link',
      });
    leaf = await startConfiguredLeaf({ ...leafOptions, port: leaf.port });
    await linked();
    await Promise.all(HOSTS.map(heartbeatOf));
    for (const host of HOSTS)
      expect(await until(wanted(agentCheck(host), /^runs, linked/))).not.toHaveProperty('fix');
  });

  it('shuts a revoked host out once it has the accounts as the hub has them', async () => {
    const { hub } = house.parts;
    const authenticator = credsAuthenticator(await readFile(hub.security.systemCreds));
    const system = await connect({ servers: hub.url, authenticator });
    open.push(system);
    await connectAs('h2');
    await revokeHost(system, hub.security, {
      userPublicKey: minted.get('h2')!.userPublicKey,
      at: new Date(),
    });
    await layOutLeaf(leafOptions.dir, hub.security, { hubUrl: hub.url });
    process.kill(leaf.pid, 'SIGHUP');
    await until(() =>
      connectAs('h2').then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    await expect(connectAs('h1')).resolves.toBeDefined();
    expect(await until(wanted(agentCheck('h2'), /^runs, not linked/))).toBeDefined();
    expect(await until(wanted(agentCheck('h1'), /^runs, linked/))).toBeDefined();
  });
});

const gapOf = (n: number): string =>
  JSON.stringify({ kind: 'outbox-gap', at: '2026-01-01T00:00:00.000Z', fromN: n, toN: n });

/** A diagnosis once it reads as it should. */
const wanted =
  (look: () => Promise<Diagnosis | undefined>, detail: RegExp) =>
  async (): Promise<Diagnosis | undefined> => {
    const found = await look();
    return found !== undefined && detail.test(found.detail) ? found : undefined;
  };
