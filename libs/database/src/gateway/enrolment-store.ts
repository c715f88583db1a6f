import type { DataSource } from 'typeorm';
import type { HostId } from '#lib/events';
import { enrolmentToken, enrolmentUse, type EnrolmentToken } from '../tables/enrolment.table.js';
import { rowFrom, upsert } from '../sql/upsert.js';
import { inTransaction } from '../sql/sql.js';

/** What became of a token that a host showed. */
export type TokenUse =
  | { readonly outcome: 'admitted'; readonly token: EnrolmentToken; readonly host: HostId }
  | { readonly outcome: 'unknown' | 'expired' | 'used-up' };

/** The gateway's side of enrolment tokens: who used which. */
export class EnrolmentStore {
  constructor(private readonly source: DataSource) {}

  /**
   * Uses a token for a host, once: the same host may come again and takes no second use. The token's row is locked,
   * so two hosts can never share its last use.
   */
  use(request: {
    readonly tokenHash: string;
    readonly hostname: string;
    readonly hostOf: (token: EnrolmentToken) => HostId;
    readonly at: string;
  }): Promise<TokenUse> {
    return inTransaction(this.source, async (sql): Promise<TokenUse> => {
      const [raw] = await sql.query<Record<string, unknown>>(
        'SELECT * FROM enrolment_token WHERE token_hash = $1 FOR UPDATE',
        [request.tokenHash],
      );
      if (raw === undefined) return { outcome: 'unknown' };
      const token = rowFrom(enrolmentToken, raw);
      if (token.revokedAt !== null || token.expiresAt <= request.at) return { outcome: 'expired' };
      const host = request.hostOf(token);
      const uses = await sql.query<{ readonly host: HostId }>(
        'SELECT host FROM enrolment_use WHERE token_id = $1',
        [token.id],
      );
      const known = uses.some((use) => use.host === host);
      if (!known && uses.length >= token.maxUses) return { outcome: 'used-up' };
      const row = {
        tokenId: token.id,
        host,
        tenant: token.tenant,
        hostname: request.hostname,
        at: request.at,
      };
      await upsert(sql, enrolmentUse, [row], { existing: 'keep' });
      return { outcome: 'admitted', token, host };
    });
  }
}
