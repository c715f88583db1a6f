import { createHash } from 'node:crypto';
import type { EnrolRequest, EnrolResponse } from '#lib/agent-protocol';
import { AGENT_PROTOCOL_VERSION } from '#lib/agent-protocol';
import type { EnrolmentStore, EnrolmentToken, HostCredentialStore } from '#lib/database';
import { hostDecider, type EnrolHost, type RotateHostCredential } from '#lib/domain';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId, HostId } from '#lib/events';
import {
  commandIdFrom,
  mintHostCreds,
  type Clock,
  type ErrorStatuses,
  type HandlesCommands,
  type HostMint,
} from '#lib/platform';
import { mintHostSecret } from '../shared/host-secret.js';
import { hostIdOf } from './host-id.js';

export type EnrolmentRefusal = 'token-unknown' | 'token-expired' | 'token-used-up' | 'protocol-unsupported';

export const enrolmentStatuses: ErrorStatuses<EnrolmentRefusal> = {
  'token-unknown': 403,
  'token-expired': 403,
  'token-used-up': 403,
  'protocol-unsupported': 422,
};

const refusals: Readonly<Record<EnrolmentRefusal, string>> = {
  'token-unknown': 'This enrolment token is not known.',
  'token-expired': 'This enrolment token has expired or was revoked.',
  'token-used-up': 'This enrolment token has been used as often as it may be.',
  'protocol-unsupported': 'This gateway does not speak the protocol of this agent.',
};

function refused(code: EnrolmentRefusal): DomainError<EnrolmentRefusal> {
  const hint =
    code === 'protocol-unsupported'
      ? `Use an agent that speaks protocol ${AGENT_PROTOCOL_VERSION}.`
      : 'Ask for a new token: POST /api/v1/fleet/enrolment-tokens.';
  return new DomainError(code, refusals[code], hint);
}

export interface EnrolmentParts {
  readonly store: EnrolmentStore;
  readonly credentials: Pick<HostCredentialStore, 'replace'>;
  readonly commands: HandlesCommands;
  readonly clock: Clock;
  readonly mint: HostMint;
  /** Where hosts link their leaf, told to each. */
  readonly leafUrl: string;
}

/** Turns a short-lived token into a credential of one host. */
export class EnrolmentService {
  constructor(private readonly parts: EnrolmentParts) {}

  /** @throws DomainError with an `EnrolmentRefusal` */
  async enrol(request: EnrolRequest): Promise<EnrolResponse> {
    if (request.protocol !== AGENT_PROTOCOL_VERSION) throw refused('protocol-unsupported');
    const { store, credentials, clock, mint, leafUrl } = this.parts;
    const at = clock.iso();
    const tokenHash = hashOf(request.token);
    const use = await store.use({
      tokenHash,
      hostname: request.hostname,
      hostOf: () => hostIdOf(request.hostname, tokenHash),
      at,
    });
    switch (use.outcome) {
      case 'unknown':
        throw refused('token-unknown');
      case 'expired':
        throw refused('token-expired');
      case 'used-up':
        throw refused('token-used-up');
      case 'admitted':
    }
    const { host, token } = use;
    const { creds, userPublicKey } = await mintHostCreds(mint, { tenant: token.tenant, host });
    await this.register(host, token, request, userPublicKey);
    const { credential: httpCredential, hash: secretHash } = mintHostSecret(token.tenant, host);
    await credentials.replace({ tenant: token.tenant, host, secretHash, nextSecretHash: null, issuedAt: at });
    return { host, tenant: token.tenant, creds, httpCredential, leafUrl };
  }

  /** A host that comes again with its token, because the first answer got lost, gets a new credential. */
  private async register(
    host: HostId,
    token: EnrolmentToken,
    request: EnrolRequest,
    publicKey: string,
  ): Promise<void> {
    const at = this.parts.clock.iso();
    const { hostname, inventory } = request;
    const site = token.site === null ? {} : { site: token.site };
    try {
      const { labels } = token;
      await this.tell(host, token, {
        type: 'EnrolHost',
        at,
        hostname,
        labels,
        ...site,
        inventory,
        publicKey,
      });
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'host-already-enrolled') throw error;
      await this.tell(host, token, { type: 'RotateHostCredential', at, publicKey });
    }
  }

  private async tell(
    host: HostId,
    { tenant }: EnrolmentToken,
    command: EnrolHost | RotateHostCredential,
  ): Promise<void> {
    const ref = { tenant, aggregate: 'host', id: host as string as AggregateId } as const;
    await this.parts.commands.handle(hostDecider, ref, command, {
      // The public key is new each time, so enrolling again is a new command and not the old answer.
      commandId: commandIdFrom(command.type, tenant, host, command.publicKey),
      actor: { kind: 'host', id: host },
    });
  }
}

/** Tokens are random, so a plain hash is enough; only the hash is stored. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
