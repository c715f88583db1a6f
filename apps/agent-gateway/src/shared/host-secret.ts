import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { hostIdSchema, tenantIdSchema, type HostId, type TenantId } from '#lib/events';

/** Whose credential it is said to be, and the secret that is to prove it. */
export interface ClaimedHost {
  readonly tenant: TenantId;
  readonly host: HostId;
  readonly secret: string;
}

/** By which a host comes over HTTPS. `credential` is shown once; only `hash` is kept. */
export interface HostSecret {
  readonly credential: string;
  readonly hash: string;
}

/** 256 random bits, so a plain hash is enough. The ids in front only say which hash to compare with. */
export function mintHostSecret(tenant: TenantId, host: HostId): HostSecret {
  const secret = randomBytes(32).toString('base64url');
  return { credential: `${tenant}.${host}.${secret}`, hash: hashOf(secret) };
}

/** Takes a credential apart; undefined when it is none. Ids have no dots. */
export function readHostCredential(credential: string): ClaimedHost | undefined {
  const [, tenant, host, secret] = /^([^.]+)\.([^.]+)\.([\w-]{43})$/.exec(credential) ?? [];
  const ids = [tenantIdSchema.safeParse(tenant), hostIdSchema.safeParse(host)] as const;
  if (!ids[0].success || !ids[1].success || secret === undefined) return undefined;
  return { tenant: ids[0].data, host: ids[1].data, secret };
}

/** True for the secret of one of the hashes. Each comparison takes the same time whatever differs. */
export function isHostSecret(secret: string, hashes: readonly string[]): boolean {
  const hash = Buffer.from(hashOf(secret), 'hex');
  return hashes.map((known) => timingSafeEqual(hash, Buffer.from(known, 'hex'))).includes(true);
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
