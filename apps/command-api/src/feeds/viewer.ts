import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { TenantId } from '#lib/events';
import { principalOf, type Clock } from '#lib/platform';

/** Who follows a feed, and until when the token that said so is valid (ms since the epoch). */
export type Viewer = {
  readonly id: string;
  readonly tenant: TenantId;
  readonly role: string;
  readonly expiresAt: number;
};

/** The viewer that a token proves; undefined when it is not ours or has expired. Sockets do not pass the HTTP guard. */
export function viewerOf(token: string, key: KeyObject, clock: Pick<Clock, 'now'>): Viewer | undefined {
  const [head = '', body = '', signature = '', ...rest] = token.split('.');
  if (rest.length > 0 || !isSignedBy(key, `${head}.${body}`, signature)) return undefined;
  const claims = parse(body);
  const principal = principalOf(claims, clock);
  if (principal === undefined) return undefined;
  const { exp } = claims as { readonly exp: number };
  return { id: principal.actor.id, tenant: principal.tenant, role: principal.role, expiresAt: exp * 1000 };
}

/** Always by HS256: what the token says about its own algorithm is not asked. */
function isSignedBy(key: KeyObject, text: string, signature: string): boolean {
  const expected = createHmac('sha256', key).update(text).digest();
  const actual = Buffer.from(signature, 'base64url');
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function parse(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}
