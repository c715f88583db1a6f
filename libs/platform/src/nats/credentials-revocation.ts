import { readFile } from 'node:fs/promises';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { decode, encodeAccount, fromSeed, type Account } from '@nats-io/jwt';
import { readKeyFile, type SecurityFiles } from './credentials-files.js';

/** What revoking takes, besides a connection of the system account. */
export type Revoker = Pick<SecurityFiles, 'operatorSigningSeed' | 'hostsAccountJwt'>;

/** Which credential, and up to which moment of issue. */
export interface Revocation {
  readonly userPublicKey: string;
  readonly at: Date;
}

/** Thrown when the hub does not take over the changed account. */
export class RevocationNotApplied extends Error {
  readonly code = 'revocation-not-applied';
}

const requestTimeoutMs = 5_000;
const attempts = 5;

/** One change at a time within this process: each rewrites the whole account. */
let lastChange: Promise<unknown> = Promise.resolve();

/**
 * Cuts a host off: its credentials issued up to `at` are refused from now on and its live connections are closed.
 * The hub's resolver is the truth, so the account is read there, extended and pushed back, and read once more. Two
 * gateways that push at the very same moment can still undo one of the two; as a repeated call costs one look-up,
 * the sweep that compares hosts with the truth repeats it.
 * @throws RevocationNotApplied when the hub refuses the account, or keeps another one.
 */
export function revokeHost(system: NatsConnection, revoker: Revoker, revocation: Revocation): Promise<void> {
  return revokeHosts(system, revoker, [revocation]);
}

/** The same for many at once, which costs one look-up and at most one change. What is revoked stays as it is. */
export function revokeHosts(
  system: NatsConnection,
  revoker: Revoker,
  revocations: readonly Revocation[],
): Promise<void> {
  const change = lastChange.then(() => applyRevocations(system, revoker, revocations));
  lastChange = change.catch(() => undefined);
  return change;
}

async function applyRevocations(
  system: NatsConnection,
  revoker: Revoker,
  wanted: readonly Revocation[],
): Promise<void> {
  const account = decode(await readKeyFile(revoker.hostsAccountJwt)).sub;
  const signer = fromSeed(Buffer.from(await readKeyFile(revoker.operatorSigningSeed)));
  for (let attempt = 0; attempt < attempts; attempt++) {
    const current = await lookUp(system, account);
    const known = current.nats.revocations ?? {};
    // A user key belongs to one credential, so one revocation of it holds for good.
    const missing = wanted.filter(({ userPublicKey }) => known[userPublicKey] === undefined);
    if (missing.length === 0) return;
    const added = missing.map(({ userPublicKey, at }) => [userPublicKey, Math.floor(at.getTime() / 1000)]);
    const revocations = { ...known, ...(Object.fromEntries(added) as Record<string, number>) };
    await push(
      system,
      await encodeAccount(current.name, account, { ...current.nats, revocations }, { signer }),
    );
  }
  throw new RevocationNotApplied('the hub keeps another version of the account');
}

/** `revokeHosts` by a connection of its own. @throws RevocationNotApplied, Error when the hub is not there */
export async function revokeAtHub(
  hubUrl: string,
  files: Revoker & Pick<SecurityFiles, 'systemCreds'>,
  revocations: readonly Revocation[],
): Promise<void> {
  const authenticator = credsAuthenticator(await readFile(files.systemCreds));
  const system = await connect({ servers: hubUrl, authenticator });
  try {
    await revokeHosts(system, files, revocations);
  } finally {
    await system.close();
  }
}

/** The public key of the user in a credentials file. @throws Error when it is none */
export function userKeyOf(creds: string): string {
  const [, jwt] = /-----BEGIN NATS USER JWT-----\s*(\S+)/.exec(creds) ?? [];
  if (jwt === undefined) throw new Error('this is no NATS credentials file');
  return decode(jwt).sub;
}

/** The account of hosts as the hub has it now, with all that was revoked. @throws Error when the hub is not there */
export async function currentHostsAccount(
  hubUrl: string,
  files: Pick<SecurityFiles, 'systemCreds' | 'hostsAccountJwt'>,
): Promise<string> {
  const account = decode(await readKeyFile(files.hostsAccountJwt)).sub;
  const authenticator = credsAuthenticator(await readFile(files.systemCreds));
  const system = await connect({ servers: hubUrl, authenticator });
  try {
    return await accountJwt(system, account);
  } finally {
    await system.close();
  }
}

async function lookUp(system: NatsConnection, account: string) {
  return decode<Account>(await accountJwt(system, account));
}

async function accountJwt(system: NatsConnection, account: string): Promise<string> {
  const answer = await system.request(`$SYS.REQ.ACCOUNT.${account}.CLAIMS.LOOKUP`, '', {
    timeout: requestTimeoutMs,
  });
  return answer.string();
}

async function push(system: NatsConnection, jwt: string): Promise<void> {
  const answer = await system.request('$SYS.REQ.CLAIMS.UPDATE', jwt, { timeout: requestTimeoutMs });
  const result: unknown = answer.json();
  if (typeof result === 'object' && result !== null && 'error' in result) {
    throw new RevocationNotApplied(`the hub refused the account: ${JSON.stringify(result.error)}`);
  }
}
