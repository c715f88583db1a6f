import { copyFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '#lib/platform-testing';
import { resolveNatsServer } from '../acquire/nats-server.js';
import { startTestParts, type TestParts } from '../test-parts.js';
import { layOutLeaf } from './leaf-files.js';
import { startConfiguredLeaf } from './leaf.js';
import { revokeSites, siteEntries } from './site-ledger.js';

const PATIENCE_MS = 120_000;
const site = (name: string) => ({ tenant: 'acme', site: name, hosts: ['h1', 'h2'] });

describe('the credential of a site that was lost', () => {
  let parts: TestParts<{ hub: true }>;
  const leafs: { readonly stop: () => Promise<unknown> }[] = [];

  beforeAll(async () => {
    parts = await startTestParts({ hub: true });
  }, PATIENCE_MS);
  afterAll(async () => {
    await Promise.all(leafs.map((leaf) => leaf.stop()));
    await parts.stop();
  }, PATIENCE_MS);

  const folderOf = (name: string) => join(parts.dir, name);
  const layOut = (name: string) => layOutLeaf(folderOf(name), parts.hub.security, { site: site(name) });
  const start = async (name: string, as: string, credsFile = join(folderOf(name), 'site.creds')) => {
    const dir = folderOf(as);
    if (as !== name) await layOutLeaf(dir, parts.hub.security, {});
    const natsServer = (await resolveNatsServer(() => undefined)).path;
    const hubLeafUrl = parts.hub.leafUrl;
    const leaf = await startConfiguredLeaf({
      kind: 'site',
      dir,
      name: as,
      natsServer,
      hubLeafUrl,
      credsFile,
    });
    leafs.push(leaf);
    const log = () => readFile(join(dir, 'nats-leaf.log'), 'utf8');
    return { ...leaf, log };
  };
  const soon = (condition: () => boolean | Promise<boolean>, what: string) =>
    eventually(condition, what, PATIENCE_MS);

  it(
    'is taken back by itself: its links end, also those of whoever has the copy, and no other site’s',
    async () => {
      const { hub } = parts;
      await layOut('berlin');
      await layOut('bonn');
      const copy = join(parts.dir, 'stolen.creds');
      await copyFile(join(folderOf('berlin'), 'site.creds'), copy);
      const berlin = await start('berlin', 'berlin');
      const bonn = await start('bonn', 'bonn');
      await soon(async () => (await berlin.isLinked()) && (await bonn.isLinked()), 'both links');

      const revoked = await revokeSites(hub.security, hub.url, { site: 'berlin' });
      expect(revoked).toHaveLength(1);
      await soon(async () => !(await berlin.isLinked()), 'the link to end');
      const thief = await start('berlin', 'thief', copy);
      await soon(async () => (await thief.log()).includes('Authorization Violation'), 'the refusal');
      expect([await berlin.isLinked(), await thief.isLinked(), await bonn.isLinked()]).toEqual([
        ...[false, false, true],
      ]);
      await expect(revokeSites(hub.security, hub.url, { site: 'berlin' })).rejects.toThrow('site-creds list');
    },
    PATIENCE_MS,
  );

  it(
    'is followed by a new one, and both are on record',
    async () => {
      const { hub } = parts;
      await layOut('berlin');
      const again = await start('berlin', 'berlin');
      await soon(() => again.isLinked(), 'the new link');
      const entries = await siteEntries(hub.security);
      expect(entries.map((entry) => [entry.site, entry.revokedAt === null])).toEqual([
        ['berlin', false],
        ['bonn', true],
        ['berlin', true],
      ]);
      const credsFile = join(folderOf('berlin'), 'site.creds');
      expect(await revokeSites(hub.security, hub.url, { credsFile })).toEqual([entries[2]?.publicKey]);
      await soon(async () => !(await again.isLinked()), 'the link to end');
      const ledger = join(hub.security.directory, 'site-credentials.json');
      expect((await stat(ledger)).mode & 0o777).toBe(0o600);
      expect(await readFile(ledger, 'utf8')).not.toMatch(/SU[A-Z2-7]{56}/);
    },
    PATIENCE_MS,
  );
});
