import type { HostId, TenantId } from '#lib/events';
import { ProblemError } from '#lib/platform';
import type { FleetBook } from '../shared/fleet-book.js';
import { isHostSecret, readHostCredential } from '../shared/host-secret.js';

/** A host that has shown its credential. */
export interface Caller {
  readonly tenant: TenantId;
  readonly host: HostId;
}

export interface AdmissionParts {
  readonly credentials: { secretHashes(tenant: TenantId, host: HostId): Promise<readonly string[]> };
  readonly book: Pick<FleetBook, 'host'>;
  /** False while the log of events is still being read: who was revoked is not known yet. */
  readonly isBookComplete: () => boolean;
}

/** Says which host a request is from. Nothing but the credential is believed. */
export class Admission {
  constructor(private readonly parts: AdmissionParts) {}

  /** @throws ProblemError 401 for no or a wrong credential, 403 for a revoked host, 503 before the book is complete */
  async admit(authorization: string | undefined): Promise<Caller> {
    const [, credential = ''] = /^Bearer +(\S{1,300})$/i.exec(authorization ?? '') ?? [];
    const claim = readHostCredential(credential);
    if (claim === undefined) throw unauthenticated();
    const { tenant, host, secret } = claim;
    const hashes = await this.parts.credentials.secretHashes(tenant, host);
    if (!isHostSecret(secret, hashes)) throw unauthenticated();
    const caller: Caller = { tenant, host };
    this.requireStanding(caller);
    return caller;
  }

  /** Asked again after a wait: a host may be shut out meanwhile. @throws ProblemError 403, 503 */
  requireStanding({ tenant, host }: Caller): void {
    if (!this.parts.isBookComplete())
      throw new ProblemError({
        status: 503,
        code: 'gateway-starting',
        detail: 'The gateway is still reading which hosts there are.',
        hint: 'Repeat the request in a moment.',
      });
    if (this.parts.book.host(tenant, host)?.state.phase === 'revoked')
      throw new ProblemError({
        status: 403,
        code: 'host-revoked',
        detail: 'This host was shut out.',
        hint: 'Enrol it again with a new token.',
      });
  }
}

function unauthenticated(): ProblemError {
  return new ProblemError({
    status: 401,
    code: 'unauthenticated',
    detail: 'There is no valid host credential in the request.',
    hint: 'Send the credential of the enrolment as `Authorization: Bearer …`.',
  });
}
