import { createHash } from 'node:crypto';
import type { HostId } from '#lib/events';

const NAME_LENGTH = 40;
const DIGEST_LENGTH = 8;

/**
 * The id of a host: readable, and bound to the enrolment token. A second token never leads to the same id, so nobody
 * can take over an enrolled host by knowing its name; enrolling again with the same token is the same host.
 */
export function hostIdOf(hostname: string, tokenHash: string): HostId {
  const slug = hostname
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, NAME_LENGTH);
  const digest = createHash('sha256')
    .update(`${tokenHash}\n${hostname}`)
    .digest('hex')
    .slice(0, DIGEST_LENGTH);
  return `${slug === '' ? 'host' : slug}-${digest}` as HostId;
}
