import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  DATA_SOURCE,
  enrolmentToken,
  enrolmentTokensOf,
  enrolmentUsesOf,
  revokeEnrolmentToken,
  type EnrolmentToken,
  type EnrolmentUse,
} from '#lib/database';
import type { TenantId } from '#lib/events';
import { CLOCK, idFrom, type Clock } from '#lib/platform';
import { refusal } from '../shared/http/edge-error.js';
import type { CommandContext } from '../shared/http/command-context.js';
import type { Database } from '../shared/views/database.js';
import type {
  EnrolmentTokenEntry,
  EnrolmentTokenList,
  EnrolmentTokenView,
} from '../shared/views/host.view.js';
import type { CreateEnrolmentTokenDto } from './fleet.dto.js';

const ONE_HOUR = 3600;
const SECRET_BYTES = 32;
const SHOWN = 200;

/** SHA-256 in hex. The token is random and long, so a plain digest cannot be guessed back. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Makes, lists and revokes enrolment tokens. The agent gateway counts their uses. */
@Injectable()
export class EnrolmentTokens {
  constructor(
    @Inject(DATA_SOURCE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Each call makes another token: one that was shown cannot be shown again, so a key would not help. */
  async create(
    dto: CreateEnrolmentTokenDto,
    { tenant, actor, commandId }: CommandContext,
  ): Promise<EnrolmentTokenView> {
    const { labels = {}, site = null, expiresInSeconds = ONE_HOUR, maxUses = 1 } = dto;
    const token = `phx_${randomBytes(SECRET_BYTES).toString('base64url')}`;
    const id = idFrom('et', commandId);
    const expiresAt = new Date(this.clock.now() + expiresInSeconds * 1000).toISOString();
    const shown = { id, labels, site, maxUses, expiresAt };
    const kept = {
      tenant,
      tokenHash: hashToken(token),
      createdAt: this.clock.iso(),
      createdBy: actor.id,
      revokedAt: null,
    };
    await this.db.getRepository(enrolmentToken).insert({ ...shown, ...kept });
    return { ...shown, token };
  }

  /** The newest tokens with the hosts that each let in. */
  async list(tenant: TenantId): Promise<EnrolmentTokenList> {
    const tokens = await enrolmentTokensOf(this.db, tenant, SHOWN);
    const ids = tokens.map(({ id }) => id);
    const uses = await enrolmentUsesOf(this.db, ids);
    const now = this.clock.iso();
    return { items: tokens.map((token) => entryOf(token, uses, now)) };
  }

  /**
   * The token lets nobody in from now on, also no host that it let in before; those hosts keep their credentials.
   * Revoking twice changes nothing. @throws ProblemError `enrolment-token-not-found`
   */
  async revoke(tenant: TenantId, id: string): Promise<EnrolmentTokenEntry> {
    const token = await revokeEnrolmentToken(this.db, { tenant, id }, this.clock.iso());
    if (token === null)
      throw refusal(
        'enrolment-token-not-found',
        'There is no such enrolment token.',
        'See GET /fleet/enrolment-tokens.',
      );
    const uses = await enrolmentUsesOf(this.db, [id]);
    return entryOf(token, uses, this.clock.iso());
  }
}

function entryOf(token: EnrolmentToken, all: readonly EnrolmentUse[], now: string): EnrolmentTokenEntry {
  const { id, labels, site, maxUses, expiresAt, createdAt, createdBy, revokedAt } = token;
  const uses = all
    .filter(({ tokenId }) => tokenId === id)
    .map(({ host, hostname, at }) => ({ host, hostname, at }));
  const state = stateOf(token, uses.length, now);
  return {
    id,
    state,
    labels: { ...labels },
    site,
    maxUses,
    uses,
    expiresAt,
    createdAt,
    createdBy,
    revokedAt,
  };
}

function stateOf(
  { revokedAt, expiresAt, maxUses }: EnrolmentToken,
  uses: number,
  now: string,
): EnrolmentTokenEntry['state'] {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt <= now) return 'expired';
  return uses >= maxUses ? 'used-up' : 'usable';
}
