import type { HostId, TenantId } from '#lib/events';
import { integer, json, key, optional, text, time } from '../schema/column.js';
import { table, type RowsOf } from '../schema/table.js';

/** Permission for some hosts to enrol. Only the hash of the token is kept. */
export const enrolmentToken = table({
  name: 'enrolment_token',
  writer: 'command-api',
  columns: {
    id: key(text()),
    tenant: text<TenantId>(),
    tokenHash: text(),
    labels: json<Readonly<Record<string, string>>>(),
    site: optional(text()),
    maxUses: integer(),
    expiresAt: time(),
    createdAt: time(),
    createdBy: text(),
    revokedAt: optional(time()),
  },
  unique: [['tokenHash']],
});
export type EnrolmentToken = RowsOf<typeof enrolmentToken>;

/** One row per host that a token let in; their number is what `maxUses` limits. */
export const enrolmentUse = table({
  name: 'enrolment_use',
  writer: 'agent-gateway',
  columns: {
    tokenId: key(text()),
    host: key(text<HostId>()),
    tenant: text<TenantId>(),
    hostname: text(),
    at: time(),
  },
});
export type EnrolmentUse = RowsOf<typeof enrolmentUse>;

/** By which a host comes over HTTPS; one for each host. Only the hash of the secret is kept. */
export const hostCredential = table({
  name: 'host_credential',
  writer: 'agent-gateway',
  columns: {
    tenant: key(text<TenantId>()),
    host: key(text<HostId>()),
    /** SHA-256 in hexadecimal. */
    secretHash: text(),
    /** The one that is to replace it, accepted beside it until the host has shown that it uses it. */
    nextSecretHash: optional(text()),
    issuedAt: time(),
  },
});
export type HostCredential = RowsOf<typeof hostCredential>;
