import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { createUser, decode, encodeUser, fmtCreds, fromSeed, type User } from '@nats-io/jwt';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { mintHostCreds, mintServiceCreds, readKeyFile, revokeHost, writePrivateFile } from './credentials.js';
import {
  resolveNatsServer,
  startHub,
  startLeaf,
  startTestParts,
  type Hub,
  type Leaf,
  type TestParts,
} from '#tools/embedded';

/** A host with its own leaf, and its agent connected to that leaf. */
interface Host {
  readonly leaf: Leaf;
  readonly agent: NatsConnection;
  readonly userPublicKey: string;
}

let parts: TestParts<{ hub: true }>;
let hub: Hub;
let natsServer: string;
let services: NatsConnection;
const open: { close(): Promise<unknown> }[] = [];

async function connectAs(creds: string, inboxPrefix?: string): Promise<NatsConnection> {
  const connection = await connect({
    servers: hub.url,
    authenticator: credsAuthenticator(new TextEncoder().encode(creds)),
    ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
  });
  open.push({ close: () => connection.close() });
  return connection;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

async function startHost(tenant: string, host: string): Promise<Host> {
  const minted = await mintHostCreds(hub.security, { tenant, host });
  const credsFile = join(parts.dir, `${tenant}-${host}.creds`);
  await writePrivateFile(credsFile, minted.creds);
  const leaf = await startLeaf({
    dir: join(parts.dir, `leaf-${tenant}-${host}`),
    natsServer,
    hubLeafUrl: hub.leafUrl,
    credsFile,
  });
  open.push({ close: () => leaf.stop() });
  await until(() => leaf.isLinked());
  const agent = await connect({
    servers: leaf.url,
    user: leaf.user,
    pass: await readKeyFile(leaf.passwordFile),
    inboxPrefix: `_INBOX_${host}`,
  });
  open.push({ close: () => agent.close() });
  return { leaf, agent, userPublicKey: minted.userPublicKey };
}

/** What a thief of the signing key could mint, as the text of a creds file. */
async function forgeHost(claims: Partial<User>): Promise<string> {
  const account = decode(await readKeyFile(hub.security.hostsAccountJwt)).sub;
  const signer = fromSeed(Buffer.from(await readKeyFile(hub.security.hostsSigningSeed)));
  const user = createUser();
  const jwt = await encodeUser('forged', user, account, claims, { signer, scopedUser: true });
  return new TextDecoder().decode(fmtCreds(jwt, user));
}

/** Publishes with an acknowledgement until the link has passed on all interest, as a fresh agent does. */
async function acknowledged(agent: NatsConnection, subject: string, data: string): Promise<number> {
  for (;;) {
    try {
      return (await jetstream(agent).publish(subject, data, { timeout: 500 })).seq;
    } catch {
      await sleep(100);
    }
  }
}

async function storedSubjects(): Promise<readonly string[]> {
  const manager = await jetstreamManager(services);
  const info = await manager.streams.info('UPLINK', { subjects_filter: '>' });
  return Object.keys(info.state.subjects ?? {});
}

describe('credentials across hub and leaf', () => {
  let h1: Host;
  let h2: Host;

  beforeAll(async () => {
    natsServer = (await resolveNatsServer(() => undefined)).path;
    parts = await startTestParts({ hub: true });
    hub = parts.hub;
    services = await connectAs((await mintServiceCreds(hub.security, 'test')).creds);
    const manager = await jetstreamManager(services);
    await manager.streams.add({ name: 'UPLINK', subjects: ['up.>', 'met.>'] });
    h1 = await startHost('acme', 'h1');
    h2 = await startHost('globex', 'h2');
  });

  afterAll(async () => {
    for (const each of open.reverse()) await each.close();
    await parts.stop();
  });

  it('acknowledges what a host publishes into a stream of the services, over its leaf', async () => {
    const first = await acknowledged(h1.agent, 'up.acme.h1.result', 'done');
    const second = await acknowledged(h1.agent, 'met.acme.h1', 'window');

    expect(second).toBe(first + 1);
    expect(await storedSubjects()).toEqual(['met.acme.h1', 'up.acme.h1.result']);
  });

  it('acknowledges a host without a leaf, directly at the hub', async () => {
    const minted = await mintHostCreds(hub.security, { tenant: 'acme', host: 'direct' });
    const agent = await connectAs(minted.creds, '_INBOX_direct');

    await expect(jetstream(agent).publish('up.acme.direct.result', 'done')).resolves.toMatchObject({
      stream: 'UPLINK',
    });
  });

  it('stores nothing that a host writes under the name of another host or tenant', async () => {
    await acknowledged(h1.agent, 'up.acme.h1.result', 'before');
    for (const forged of [
      'up.acme.h9.result',
      'up.globex.h2.result',
      'met.globex.h2',
      'up.globex.h1.result',
    ]) {
      await expect(jetstream(h1.agent).publish(forged, 'forged', { timeout: 500 })).rejects.toThrow();
    }
    await acknowledged(h1.agent, 'up.acme.h1.result', 'after');

    const forgers = (await storedSubjects()).filter((subject) => !/\.(acme\.(h1|direct))\b/.test(subject));
    expect(forgers).toEqual([]);
  });

  it('keeps the JetStream API out of reach of an agent', async () => {
    for (const api of ['$JS.API.INFO', '$JS.API.STREAM.NAMES', '$JS.API.STREAM.MSG.GET.UPLINK']) {
      await expect(h1.agent.request(api, '', { timeout: 500 })).rejects.toThrow();
    }
  });

  it('keeps the system subjects out of reach of an agent', async () => {
    await expect(h1.agent.request('$SYS.REQ.SERVER.PING', '', { timeout: 500 })).rejects.toThrow();
  });

  it('hands a task over with its reply subject, and carries the reply back', async () => {
    const tasks = h1.agent.subscribe('down.acme.h1.>');
    const replies = services.subscribe('rep.acme.h1.>', { max: 1 });
    await h1.agent.flush();
    const handOver = setInterval(
      () => services.publish('down.acme.h1.task', 'restart', { reply: 'rep.acme.h1.t1' }),
      100,
    );
    try {
      for await (const task of tasks) {
        expect(task.reply).toBe('rep.acme.h1.t1');
        task.respond('accepted');
        break;
      }
      for await (const reply of replies) {
        expect([reply.subject, reply.string()]).toEqual(['rep.acme.h1.t1', 'accepted']);
      }
    } finally {
      clearInterval(handOver);
    }
    expect.assertions(2);
  });

  it('delivers heartbeats and hellos to the services on their own subjects', async () => {
    const heard = new Set<string>();
    const heartbeats = services.subscribe('hb.>', {
      callback: (_, message) => void heard.add(message.subject),
    });
    const hellos = services.subscribe('hello.>', {
      callback: (_, message) => void heard.add(message.subject),
    });
    await services.flush();

    await until(async () => {
      for (const host of [h1, h2]) {
        const name = host === h1 ? 'acme.h1' : 'globex.h2';
        host.agent.publish(`hb.${name}`, '{}');
        host.agent.publish(`hello.${name}`, '{}');
        await host.agent.flush();
      }
      return heard.size >= 4;
    });
    heartbeats.unsubscribe();
    hellos.unsubscribe();

    expect([...heard].sort()).toEqual(['hb.acme.h1', 'hb.globex.h2', 'hello.acme.h1', 'hello.globex.h2']);
  });

  it('shows a host neither the tasks nor the data of another one', async () => {
    const seen: string[] = [];
    const spy = h2.agent.subscribe('>', { callback: (_, message) => void seen.push(message.subject) });
    const own = h2.agent.subscribe('down.globex.h2.>', { max: 1 });
    await h2.agent.flush();

    const send = setInterval(() => {
      services.publish('down.acme.h1.task', 'not yours');
      h1.agent.publish('hb.acme.h1', 'not yours');
      services.publish('down.globex.h2.task', 'yours');
    }, 50);
    for await (const task of own) expect(task.string()).toBe('yours');
    clearInterval(send);
    spy.unsubscribe();

    expect(seen.filter((subject) => !subject.startsWith('down.globex.h2.'))).toEqual([]);
  });

  it('refuses a user that claims more than the host scope', async () => {
    const everything = { pub: { allow: ['>'] }, sub: { allow: ['>'] }, tags: ['tenant:acme'] };

    await expect(connectAs(await forgeHost(everything))).rejects.toThrow();
  });

  it('lets a user without a tenant publish nothing', async () => {
    const homeless = await connectAs(await forgeHost({}), '_INBOX_forged');

    for (const subject of ['up.acme.forged.result', 'up..forged.result', 'hb.acme.forged', 'up.forged']) {
      await expect(homeless.request(subject, '', { timeout: 500 })).rejects.toThrow();
    }
  });

  it('cuts a revoked host and leaves the others alone, even after the hub was killed', async () => {
    const system = await connectAs(await readFile(hub.security.systemCreds, 'utf8'));

    await revokeHost(system, hub.security, { userPublicKey: h1.userPublicKey, at: new Date() });

    await until(async () => !(await h1.leaf.isLinked()));
    await acknowledged(h2.agent, 'up.globex.h2.result', 'still here');

    await hub.kill();
    hub = await startHub({ dir: join(parts.dir, 'hub'), natsServer, ports: hub.ports });
    open.push({ close: () => hub.stop() });
    await acknowledged(h2.agent, 'up.globex.h2.result', 'back again');
    expect(await h1.leaf.isLinked()).toBe(false);
  });

  it('loses no revocation when many hosts are revoked at once', async () => {
    const system = await connectAs(await readFile(hub.security.systemCreds, 'utf8'));
    const names = Array.from({ length: 3 }, (_, index) => `stolen${index}`);
    const hosts = await Promise.all(
      names.map((host) => mintHostCreds(hub.security, { tenant: 'acme', host })),
    );

    const at = new Date();
    await Promise.all(
      hosts.map(({ userPublicKey }) => revokeHost(system, hub.security, { userPublicKey, at })),
    );

    for (const { creds } of hosts) await expect(connectAs(creds)).rejects.toThrow();
  });
});
