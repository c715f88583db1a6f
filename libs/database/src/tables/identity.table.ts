import type { Actor, Position, TenantId } from '#lib/events';
import { bigint, json, key, optional, serial, text, time } from '../schema/column.js';
import { table, type RowsOf } from '../schema/table.js';

export type Role = 'admin' | 'operator' | 'viewer';

/** People who may log in. Relational on purpose: secrets do not belong in an immutable log. */
export const appUser = table({
  name: 'app_user',
  writer: 'command-api',
  columns: {
    id: key(text()),
    tenant: text<TenantId>(),
    /** Lower case; unique over all tenants, as the login asks for nothing else. */
    email: text(),
    passwordHash: text(),
    role: text<Role>(),
    createdAt: time(),
    updatedAt: time(),
    disabledAt: optional(time()),
  },
  unique: [['email']],
});
export type AppUser = RowsOf<typeof appUser>;

/** Every command and every refusal. */
export const auditLog = table({
  name: 'audit_log',
  writer: 'command-api',
  columns: {
    id: serial(),
    tenant: text<TenantId>(),
    at: time(),
    actorKind: text<Actor['kind']>(),
    actorId: text(),
    action: text(),
    target: optional(text()),
    outcome: text<'accepted' | 'refused' | 'failed'>(),
    /** Literal code of a refusal. */
    code: optional(text()),
    commandId: optional(text()),
    position: optional(bigint<Position>()),
    detail: json<{ readonly reason?: string }>(),
  },
  indices: [['tenant', 'id']],
});
export type AuditEntry = RowsOf<typeof auditLog>;
