import { In, IsNull, type DataSource } from 'typeorm';
import type { TenantId } from '#lib/events';
import {
  enrolmentToken,
  enrolmentUse,
  type EnrolmentToken,
  type EnrolmentUse,
} from '../tables/enrolment.table.js';

/** The newest enrolment tokens of a tenant, at most `limit`. */
export function enrolmentTokensOf(
  source: DataSource,
  tenant: TenantId,
  limit: number,
): Promise<readonly EnrolmentToken[]> {
  return source
    .getRepository(enrolmentToken)
    .find({ where: { tenant }, order: { createdAt: 'DESC', id: 'ASC' }, take: limit });
}

/** Which hosts came in with these tokens, oldest first. */
export function enrolmentUsesOf(
  source: DataSource,
  tokens: readonly EnrolmentToken['id'][],
): Promise<readonly EnrolmentUse[]> {
  return source.getRepository(enrolmentUse).find({ where: { tokenId: In(tokens) }, order: { at: 'ASC' } });
}

/** Revokes a token, unless it is revoked already, and returns it as it is kept; null when there is none. */
export async function revokeEnrolmentToken(
  source: DataSource,
  { tenant, id }: { readonly tenant: TenantId; readonly id: string },
  at: string,
): Promise<EnrolmentToken | null> {
  const repository = source.getRepository(enrolmentToken);
  await repository.update({ tenant, id, revokedAt: IsNull() }, { revokedAt: at });
  return repository.findOneBy({ tenant, id });
}
