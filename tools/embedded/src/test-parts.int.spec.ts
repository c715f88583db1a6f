import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort, resolveNatsServer, startHub, startTestParts } from './index.js';
import { identityOf } from './process/identity.js';

describe('the parts of a test', () => {
  it('are real, apart from those of another test, and leave nothing behind', async () => {
    const [one, other] = await Promise.all([
      startTestParts({ hub: true, postgres: true }),
      startTestParts({ hub: true, postgres: true }),
    ]);
    const client = new Client({ connectionString: one.postgres.url });
    await client.connect();
    const { rows } = await client.query<{ tables: string }>(
      "SELECT count(*) AS tables FROM pg_tables WHERE schemaname = 'public'",
    );
    await client.end();
    const pids = [one.hub.pid, other.hub.pid];
    await Promise.all([one.stop(), other.stop()]);

    expect(rows).toEqual([{ tables: '0' }]);
    expect(one.hub.url).not.toBe(other.hub.url);
    expect(pids.map(identityOf)).toEqual([undefined, undefined]);
    expect([one.dir, other.dir].map(existsSync)).toEqual([false, false]);
  });

  it('keep acknowledged messages on disk: the hub syncs each write', async () => {
    const parts = await startTestParts({ hub: true });

    expect(readFileSync(join(parts.dir, 'hub', 'nats-hub.conf'), 'utf8')).toMatch(/sync_interval: always/);
    await parts.stop();
  });
});

describe('a hub', () => {
  it('names no other address to leafs: they stay on the way that they were given', async () => {
    const parts = await startTestParts({ hub: true });
    const socket = connect(parts.hub.ports.leaf, '127.0.0.1');
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    await parts.stop();

    const info = JSON.parse(greeting.toString().replace(/^INFO /, '')) as Readonly<Record<string, unknown>>;
    expect(info).toMatchObject({ server_name: 'phoenix-hub' });
    expect(info).not.toHaveProperty('leafnode_urls');
  });

  it('listens on the address that it is given, and on no other', async () => {
    const parts = await startTestParts({ hub: true, hubPlace: { address: '127.0.0.2' } });
    const { client, leaf, monitor } = parts.hub.ports;
    const listens = (address: string) =>
      Promise.all([client, leaf, monitor].map((port) => takesConnections(address, port)));

    expect(parts.hub.url).toBe(`nats://127.0.0.2:${client}`);
    expect(await listens('127.0.0.2')).toEqual([true, true, true]);
    expect(await listens('127.0.0.1')).toEqual([false, false, false]);
    await parts.stop();
  });

  it('says why it does not come up', async () => {
    const parts = await startTestParts({ hub: true });
    const { path: natsServer } = await resolveNatsServer(() => undefined);
    const ports = { ...parts.hub.ports, monitor: await freePort() };

    const second = startHub({ dir: join(parts.dir, 'second'), natsServer, ports });

    await expect(second).rejects.toMatchObject({ code: 'part-not-ready' });
    await expect(second).rejects.toThrow(/nats-hub ended with code 1[^]*address already in use/);
    await parts.stop();
  });
});

function takesConnections(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address, () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
