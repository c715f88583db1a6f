import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DATA_SOURCE, enrolmentToken } from '#lib/database';
import { CLOCK, idFrom, type Clock } from '#lib/platform';
import type { CommandContext } from '../shared/http/command-context.js';
import type { Database } from '../shared/views/database.js';
import type { EnrolmentTokenView } from '../shared/views/host.view.js';
import type { CreateEnrolmentTokenDto } from './fleet.dto.js';

const ONE_HOUR = 3600;
const SECRET_BYTES = 32;

/** SHA-256 in hex. The token is random and long, so a plain digest cannot be guessed back. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Makes enrolment tokens. The agent gateway counts their uses. */
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
}
