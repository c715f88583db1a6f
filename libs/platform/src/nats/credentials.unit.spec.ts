import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, parseCreds, type Account, type SigningKey } from '@nats-io/jwt';
import {
  leafAccountsOf,
  loadOrCreateSecurity,
  mintHostCreds,
  mintServiceCreds,
  mintSiteCreds,
  readKeyFile,
  type SecurityFiles,
} from './credentials.js';

const directory = join(mkdtempSync(join(tmpdir(), 'phoenix-credentials-')), 'security');
let security: SecurityFiles;

async function account(path: string): Promise<Partial<Account>> {
  return decode<Account>(await readKeyFile(path)).nats;
}

describe('the key material of an installation', () => {
  beforeAll(async () => {
    security = await loadOrCreateSecurity(directory);
  });

  afterAll(() => rmSync(join(directory, '..'), { recursive: true }));

  it('lies in a closed folder, in files that only their owner can read', () => {
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(directory)) {
      expect([file, statSync(join(directory, file)).mode & 0o777]).toEqual([file, 0o600]);
    }
  });

  it('is made once and found again', async () => {
    const seed = await readKeyFile(security.operatorSeed);

    expect(await loadOrCreateSecurity(directory)).toEqual(security);
    expect(await readKeyFile(security.operatorSeed)).toBe(seed);
  });

  it('is made anew when the first making was cut short', async () => {
    const cut = mkdtempSync(join(tmpdir(), 'phoenix-credentials-'));
    writeFileSync(join(cut, 'operator.nk'), 'half');

    const made = await loadOrCreateSecurity(cut);

    expect(await readKeyFile(made.operatorSeed)).toMatch(/^SO/);
    rmSync(cut, { recursive: true });
  });

  it('gives streams to the services and none to the hosts', async () => {
    expect((await account(security.servicesAccountJwt)).limits).toMatchObject({
      streams: -1,
      disk_storage: -1,
    });
    expect((await account(security.hostsAccountJwt)).limits).not.toHaveProperty('streams');
  });

  it('limits a host to its own subjects by the scope of the signing key', async () => {
    const [scope] = (await account(security.hostsAccountJwt)).signing_keys as [SigningKey];
    const host = '{{tag(tenant)}}.{{name()}}';

    expect(scope.template).toEqual({
      pub: { allow: [`up.${host}.>`, `met.${host}`, `hb.${host}`, `hello.${host}`, `rep.${host}.>`] },
      sub: { allow: [`down.${host}.>`, '_INBOX_{{name()}}.>'] },
      subs: -1,
      data: -1,
      payload: -1,
    });
  });

  it('mints a host whose JWT carries its name and tenant, and no permission of its own', async () => {
    const minted = await mintHostCreds(security, { tenant: 'acme', host: 'web-1' });
    const { uc } = await parseCreds(new TextEncoder().encode(minted.creds));

    expect(uc).toMatchObject({ name: 'web-1', sub: minted.userPublicKey, nats: { tags: ['tenant:acme'] } });
    expect(Object.keys(uc.nats).sort()).toEqual(['issuer_account', 'tags', 'type', 'version']);
  });

  it('mints a site whose JWT names its hosts, under a scope that makes of each what that host may do', async () => {
    const minted = await mintSiteCreds(security, { tenant: 'acme', site: 'berlin', hosts: ['h1', 'h2'] });
    const { uc } = await parseCreds(new TextEncoder().encode(minted.creds));
    const [ofHost, ofSite] = (await account(security.hostsAccountJwt)).signing_keys as SigningKey[];

    expect(uc).toMatchObject({ name: 'site-berlin', nats: { tags: ['tenant:acme', 'host:h1', 'host:h2'] } });
    expect(JSON.stringify(ofSite!.template)).toBe(
      JSON.stringify(ofHost!.template).replaceAll('{{name()}}', '{{tag(host)}}'),
    );
    await expect(mintSiteCreds(security, { tenant: 'acme', site: 'berlin', hosts: [] })).rejects.toThrow(
      'a site has at least one host',
    );
  });

  it('gives a leaf the accounts by which it knows hosts, and neither a secret nor a way to the services', async () => {
    const text = await leafAccountsOf(security);
    const jwts = text.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g)!.map((jwt) => decode<Account>(jwt));
    const hosts = jwts.find(({ name }) => name === 'HOSTS');

    expect(jwts.map(({ name }) => name)).toEqual(['phoenix', 'SYS', 'HOSTS']);
    expect(hosts?.nats.imports ?? []).toEqual([]);
    expect(hosts?.nats.signing_keys).toEqual((await account(security.hostsAccountJwt)).signing_keys);
    expect(text).not.toMatch(/\bS[UAO][A-Z2-7]{40,}/);
  });

  it.each(['*', '>', 'a.b', 'A', '', 'a b', 'a.>', '{{name()}}', '-a'])(
    'refuses the id %j, which could reach beyond its own subjects',
    async (id) => {
      const refusal = { code: 'unsafe-credential-name' };

      await expect(mintHostCreds(security, { tenant: 'acme', host: id })).rejects.toMatchObject(refusal);
      await expect(mintHostCreds(security, { tenant: id, host: 'h1' })).rejects.toMatchObject(refusal);
      const site = { tenant: 'acme', site: 'berlin', hosts: ['h1'] };
      await expect(mintSiteCreds(security, { ...site, hosts: ['h1', id] })).rejects.toMatchObject(refusal);
      await expect(mintSiteCreds(security, { ...site, site: id })).rejects.toMatchObject(refusal);
      await expect(mintServiceCreds(security, id)).rejects.toMatchObject(refusal);
    },
  );
});
