import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { tenantIdSchema } from '#lib/events';
import type { Clock } from '../lifecycle/clock.js';
import type { Principal } from './principal.js';
import { roles } from './roles.js';

export const JWT_ISSUER = 'phoenix';
const SMALLEST_KEY_BYTES = 32;

const claimsSchema = z.object({
  iss: z.literal(JWT_ISSUER),
  sub: z.string().min(1),
  tenant: tenantIdSchema,
  role: z.enum(roles),
  /** Seconds since the epoch. */
  iat: z.int(),
  exp: z.int(),
});

/**
 * The key that signs and verifies tokens. As a KeyObject it is prepared once; a text as key costs 50 times as much
 * per verification.
 * @throws Error when the file cannot be read or holds fewer than 32 bytes
 */
export async function loadJwtKey(file: string): Promise<KeyObject> {
  return jwtKey((await readFile(file, 'utf8')).trim());
}

/** @throws Error when the secret is shorter than 32 bytes */
export function jwtKey(secret: string): KeyObject {
  const bytes = Buffer.from(secret);
  if (bytes.length < SMALLEST_KEY_BYTES)
    throw new Error(`the JWT secret must have at least ${SMALLEST_KEY_BYTES} bytes`);
  return createSecretKey(bytes);
}

/** Signs an access token (HS256) that is valid for `lifetimeSeconds` from now. */
export function signToken(
  principal: Principal,
  key: KeyObject,
  options: { readonly clock: Pick<Clock, 'now'>; readonly lifetimeSeconds: number },
): string {
  const iat = Math.floor(options.clock.now() / 1000);
  const { actor, tenant, role } = principal;
  const claims: z.input<typeof claimsSchema> = {
    iss: JWT_ISSUER,
    sub: actor.id,
    tenant,
    role,
    iat,
    exp: iat + options.lifetimeSeconds,
  };
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

/** The caller that verified claims speak of; undefined when they are not ours or no longer valid. */
export function principalOf(claims: unknown, clock: Pick<Clock, 'now'>): Principal | undefined {
  const parsed = claimsSchema.safeParse(claims);
  if (!parsed.success || parsed.data.exp * 1000 <= clock.now()) return undefined;
  const { sub, tenant, role } = parsed.data;
  return { actor: { kind: 'user', id: sub }, tenant, role };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
