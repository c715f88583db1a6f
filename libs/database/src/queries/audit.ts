import type { DataSource } from 'typeorm';
import type { TenantId } from '#lib/events';
import { auditLog, type AuditEntry } from '../tables/identity.table.js';
import { decodeNumberCursor, encodeNumberCursor, type Page } from './paging.js';

/** Which rows of the audit trail; the newest come first. Times are ISO 8601, `from` inclusive, `to` exclusive. */
export interface AuditQuery {
  readonly tenant: TenantId;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly target?: string | undefined;
  readonly outcome?: AuditEntry['outcome'] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const ORDER = ['id', 'desc'];

/** One page. @throws CursorError when the cursor is none of ours */
export async function auditTrail(source: DataSource, query: AuditQuery): Promise<Page<AuditEntry>> {
  const { tenant, actor, action, target, outcome, from, to, limit, cursor } = query;
  const builder = source
    .getRepository(auditLog)
    .createQueryBuilder('a')
    .where('a.tenant = :tenant', { tenant });
  if (actor !== undefined) builder.andWhere('a.actorId = :actor', { actor });
  if (action !== undefined) builder.andWhere('strpos(a.action, :action) > 0', { action });
  if (target !== undefined) builder.andWhere('a.target = :target', { target });
  if (outcome !== undefined) builder.andWhere('a.outcome = :outcome', { outcome });
  if (from !== undefined) builder.andWhere('a.at >= :from', { from });
  if (to !== undefined) builder.andWhere('a.at < :to', { to });
  if (cursor !== undefined) builder.andWhere('a.id < :before', { before: decodeNumberCursor(cursor, ORDER) });
  const rows = await builder
    .orderBy('a.id', 'DESC')
    .limit(limit + 1)
    .getMany();
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if (rows.length <= limit || last === undefined) return { items };
  return { items, next: encodeNumberCursor(ORDER, last.id) };
}
