import { createHash, randomBytes } from 'node:crypto';
import { nkeys } from '@nats-io/transport-node';

/** A key and a secret that this host has made for itself, ready to be kept in a file. */
export type HostKeys = {
  /** NATS user key, and its seed, which never leaves the host. */
  readonly publicKey: string;
  readonly seed: string;
  /** Bearer credential of the HTTP door, and the hash of its secret, by which the gateway knows it. */
  readonly httpCredential: string;
  readonly secretHash: string;
};

/** Makes new ones. The secret has 256 random bits, so a plain hash is enough. */
export function makeHostKeys(tenant: string, host: string): HostKeys {
  const user = nkeys.createUser();
  const secret = randomBytes(32).toString('base64url');
  return {
    publicKey: user.getPublicKey(),
    seed: new TextDecoder().decode(user.getSeed()),
    httpCredential: `${tenant}.${host}.${secret}`,
    secretHash: createHash('sha256').update(secret).digest('hex'),
  };
}

/** Signs a text with a key; in base64url. */
export function signWith(seed: string, text: string): string {
  const encode = (value: string): Uint8Array => new TextEncoder().encode(value);
  return Buffer.from(nkeys.fromSeed(encode(seed)).sign(encode(text))).toString('base64url');
}

/** The text of a NATS credentials file, as client and server read it. */
export function credsText(jwt: string, seed: string): string {
  return [
    '-----BEGIN NATS USER JWT-----',
    jwt,
    '------END NATS USER JWT------',
    '',
    '-----BEGIN USER NKEY SEED-----',
    seed,
    '------END USER NKEY SEED------',
    '',
  ].join('\n');
}
