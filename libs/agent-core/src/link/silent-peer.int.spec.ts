import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { hostSubjects } from '#lib/agent-protocol';
import { mintHostCreds } from '#lib/platform';
import { eventually } from '#lib/platform-testing';
import { startTestParts, type TestParts } from '#tools/embedded';
import { systemClock as clock } from '../clock.js';
import type { Link } from './door.js';
import { openLink } from './link.js';

const PATIENCE_MS = 60_000;
const subjects = hostSubjects('acme', 'h1');
const log = { info: () => undefined, warn: () => undefined };
/** More than the buffers of the kernel at both ends take in. */
const BLOCKS = 64;
const BLOCK = new Uint8Array(512 * 1024);

/** A way to the hub of which nothing is heard any more, as after a change of address; a new one would be open. */
describe('a link whose peer has fallen silent', () => {
  let parts: TestParts<{ hub: true }>;
  let server: Server;
  let link: Link;
  const ways: { readonly near: Socket; readonly far: Socket }[] = [];

  beforeAll(async () => {
    parts = await startTestParts({ hub: true });
    server = createServer((near) => {
      const far = connect(parts.hub.ports.client, '127.0.0.1');
      for (const socket of [near, far]) socket.on('error', () => undefined);
      near.pipe(far).pipe(near);
      ways.push({ near, far });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { creds } = await mintHostCreds(parts.hub.security, { tenant: 'acme', host: 'h1' });
    link = openLink({
      ...{ url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`, identity: { creds } },
      ...{ inboxPrefix: subjects.inboxPrefix, name: 'agent', pingEveryMs: 300, clock, log },
    });
    await eventually(() => link.isConnected(), 'the link', PATIENCE_MS);
  }, PATIENCE_MS);

  afterAll(async () => {
    await link.close();
    for (const { far, near } of ways) for (const socket of [near, far]) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await parts.stop();
  }, PATIENCE_MS);

  it(
    'takes another way, although what was written on the old one is still to be sent',
    async () => {
      const before = ways.length;
      for (const { far, near } of ways) {
        near.unpipe();
        near.pause();
        far.unpipe();
      }
      for (let i = 0; i < BLOCKS; i++) link.publish(subjects.heartbeat, BLOCK);
      await eventually(
        () => ways.length > before && link.isConnected(),
        'another connection',
        PATIENCE_MS / 2,
      );
      expect(link.isConnected()).toBe(true);
    },
    PATIENCE_MS,
  );
});
