import { existsSync } from 'node:fs';
import {
  createAccount,
  createOperator,
  createUser,
  decode,
  encodeAccount,
  encodeOperator,
  encodeUser,
  fmtCreds,
  fromPublic,
  fromSeed,
  type KeyPair,
} from '@nats-io/jwt';
import { hostsAccount, servicesAccount, systemAccount } from './credentials-accounts.js';
import {
  createPrivateDirectory,
  readKeyFile,
  securityFiles,
  writePrivateFile,
  type SecurityFiles,
} from './credentials-files.js';

/** A credential ready to hand out: the text of a `.creds` file, and the public key by which it is revoked. */
export interface MintedCredential {
  readonly creds: string;
  readonly userPublicKey: string;
}

/** Thrown when a tenant, host or app name could reach beyond its own subjects. */
export class UnsafeCredentialName extends Error {
  readonly code = 'unsafe-credential-name';
  constructor(kind: string) {
    super(`a ${kind} id must be one lower-case subject token: letters, digits, "-" and "_"`);
  }
}

/**
 * Key material of an installation: read from `directory`, or created there on the first call.
 * The operator JWT is written last, so that a half-written folder is made anew.
 */
export async function loadOrCreateSecurity(directory: string): Promise<SecurityFiles> {
  const files = securityFiles(directory);
  if (existsSync(files.operatorJwt)) return files;
  await createPrivateDirectory(directory);

  const keys = {
    operator: createOperator(),
    operatorSigning: createOperator(),
    system: createAccount(),
    services: createAccount(),
    hosts: createAccount(),
    hostsSigning: createAccount(),
    sitesSigning: createAccount(),
  };
  const signedByOperator = { signer: keys.operatorSigning };
  const hosts = hostsAccount(keys.services.getPublicKey(), {
    hosts: keys.hostsSigning.getPublicKey(),
    sites: keys.sitesSigning.getPublicKey(),
  });
  const jwts = {
    operator: await encodeOperator('phoenix', keys.operator, {
      signing_keys: [keys.operatorSigning.getPublicKey()],
      system_account: keys.system.getPublicKey(),
    }),
    system: await encodeAccount('SYS', keys.system, systemAccount(), signedByOperator),
    services: await encodeAccount('SERVICES', keys.services, servicesAccount(), signedByOperator),
    hosts: await encodeAccount('HOSTS', keys.hosts, hosts, signedByOperator),
  };

  await writePrivateFile(files.operatorSeed, keys.operator.getSeed());
  await writePrivateFile(files.operatorSigningSeed, keys.operatorSigning.getSeed());
  await writePrivateFile(files.servicesAccountSeed, keys.services.getSeed());
  await writePrivateFile(files.hostsSigningSeed, keys.hostsSigning.getSeed());
  await writePrivateFile(files.sitesSigningSeed, keys.sitesSigning.getSeed());
  await writePrivateFile(files.systemAccountJwt, jwts.system);
  await writePrivateFile(files.servicesAccountJwt, jwts.services);
  await writePrivateFile(files.hostsAccountJwt, jwts.hosts);
  await writePrivateFile(files.systemCreds, (await mintUser('system', keys.system)).creds);
  await writePrivateFile(files.hubAccounts, hubAccountsOf(keys, jwts));
  await writePrivateFile(files.operatorJwt, jwts.operator);
  return files;
}

/** Credential of one app in the SERVICES account, such as `projector`. */
export async function mintServiceCreds(security: SecurityFiles, app: string): Promise<MintedCredential> {
  requireToken('app', app);
  return mintUser(app, fromSeed(Buffer.from(await readKeyFile(security.servicesAccountSeed))));
}

/** What minting a host credential takes: agent-gateway holds exactly this. */
export type HostMint = Pick<SecurityFiles, 'hostsSigningSeed' | 'hostsAccountJwt'>;

/**
 * Credential of one host: publishes `up.<t>.<h>.>`, `met.<t>.<h>`, `hb.<t>.<h>`, `hello.<t>.<h>`, `rep.<t>.<h>.>`,
 * subscribes `down.<t>.<h>.>` and `_INBOX_<h>.>`, nothing else.
 * @throws UnsafeCredentialName when an id is not one lower-case subject token.
 */
export async function mintHostCreds(
  mint: HostMint,
  identity: { readonly tenant: string; readonly host: string },
): Promise<MintedCredential> {
  requireToken('tenant', identity.tenant);
  requireToken('host', identity.host);
  const tags = [`tenant:${identity.tenant}`];
  return mintScoped(mint.hostsAccountJwt, mint.hostsSigningSeed, { name: identity.host, tags });
}

/**
 * The JWT by which a host may use a key of its own making: permissions as with `mintHostCreds`, and the seed stays
 * where it is. @throws UnsafeCredentialName; Error when the key is none of a user.
 */
export async function signHostKey(
  mint: HostMint,
  identity: { readonly tenant: string; readonly host: string },
  userPublicKey: string,
): Promise<string> {
  requireToken('tenant', identity.tenant);
  requireToken('host', identity.host);
  const tags = [`tenant:${identity.tenant}`];
  const named = { name: identity.host, tags };
  return signScoped(mint.hostsAccountJwt, mint.hostsSigningSeed, named, fromPublic(userPublicKey));
}

/** True when the owner of the key signed this text; `signature` in base64url. */
export function isSignedBy(userPublicKey: string, text: string, signature: string): boolean {
  const key = fromPublic(userPublicKey);
  return key.verify(new TextEncoder().encode(text), Buffer.from(signature, 'base64url'));
}

/** What minting the link of a site takes. */
export type SiteMint = Pick<SecurityFiles, 'sitesSigningSeed' | 'hostsAccountJwt'>;

/** The leaf of a site, and the hosts that it may speak for. */
export interface SiteIdentity {
  readonly tenant: string;
  readonly site: string;
  readonly hosts: readonly string[];
}

/**
 * Credential by which the leaf of a site links to the hub: it may carry what each of these hosts may do, and nothing
 * else. Whoever has it can speak for all of them.
 * @throws UnsafeCredentialName when an id is not one lower-case subject token; Error without the key for sites.
 */
export async function mintSiteCreds(mint: SiteMint, identity: SiteIdentity): Promise<MintedCredential> {
  const { hosts, site, tenant } = identity;
  requireToken('tenant', tenant);
  requireToken('site', site);
  for (const host of hosts) requireToken('host', host);
  if (hosts.length === 0) throw new Error('a site has at least one host');
  const tags = [`tenant:${tenant}`, ...hosts.map((host) => `host:${host}`)];
  return mintScoped(mint.hostsAccountJwt, mint.sitesSigningSeed, { name: `site-${site}`, tags });
}

async function mintScoped(
  accountJwt: string,
  signingSeed: string,
  named: NamedUser,
): Promise<MintedCredential> {
  const user = createUser();
  const jwt = await signScoped(accountJwt, signingSeed, named, user);
  return { creds: textOf(jwt, user), userPublicKey: user.getPublicKey() };
}

type NamedUser = { readonly name: string; readonly tags: string[] };

async function signScoped(
  accountJwt: string,
  signingSeed: string,
  { name, tags }: NamedUser,
  user: KeyPair,
): Promise<string> {
  const account = decode(await readKeyFile(accountJwt)).sub;
  const signer = fromSeed(Buffer.from(await readKeyFile(signingSeed)));
  // A scoped user must carry no permissions of its own, or the server refuses it.
  return encodeUser(name, user, account, { tags }, { signer, scopedUser: true });
}

async function mintUser(name: string, account: KeyPair): Promise<MintedCredential> {
  const user = createUser();
  const jwt = await encodeUser(name, user, account);
  return { creds: textOf(jwt, user), userPublicKey: user.getPublicKey() };
}

function textOf(jwt: string, user: KeyPair): string {
  return new TextDecoder().decode(fmtCreds(jwt, user));
}

function requireToken(kind: string, value: string): void {
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(value)) throw new UnsafeCredentialName(kind);
}

function hubAccountsOf(
  keys: Readonly<Record<'system' | 'services' | 'hosts', KeyPair>>,
  jwts: Readonly<Record<'operator' | 'system' | 'services' | 'hosts', string>>,
): string {
  const preload = (['system', 'services', 'hosts'] as const).map(
    (name) => `  ${keys[name].getPublicKey()}: ${jwts[name]}`,
  );
  return [
    `operator: ${jwts.operator}`,
    `system_account: ${keys.system.getPublicKey()}`,
    'resolver_preload {',
    ...preload,
    '}',
    '',
  ].join('\n');
}

export { accountsFingerprint } from './credentials-accounts.js';
export { createPrivateDirectory, readKeyFile, securityFiles, writePrivateFile } from './credentials-files.js';
export type { SecurityFiles } from './credentials-files.js';
export { leafAccountsOf, type LeafAccountsMaker } from './credentials-leaf.js';
export {
  currentHostsAccount,
  revokeAtHub,
  revokeHost,
  revokeHosts,
  RevocationNotApplied,
  userKeyOf,
  type Revocation,
  type Revoker,
} from './credentials-revocation.js';
