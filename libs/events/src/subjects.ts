import { isAggregateName } from './catalogue.js';
import type { AggregateKind, AggregateRef } from './commit.js';
import { isId, type AggregateId, type HostId, type TenantId } from './ids.js';

/** The one place that makes and parses subject names. Host-side names live in the agent protocol. */
export const subjects = {
  events: (ref: AggregateRef) => `evt.${ref.tenant}.${ref.aggregate}.${ref.id}`,
  /** All aggregates of one kind of a tenant. */
  eventsOfKind: (kind: AggregateKind) => `evt.${kind.tenant}.${kind.aggregate}.*`,
  want: (tenant: TenantId, host: HostId) => `want.${tenant}.${host}`,
  task: (tenant: TenantId, host: HostId) => `task.${tenant}.${host}`,
  feed: (tenant: TenantId, view: string) => `feed.${tenant}.${view}`,
  publicEvent: (tenant: TenantId, aggregate: string, type: string) => `pub.${tenant}.${aggregate}.${type}`,
  /** All that UPLINK holds of one host, which it stores under one subject. */
  uplinkOf: (tenant: string, host: string) => `up.${tenant}.${host}.>`,
  metricsShard: (shard: number) => `met.${shard}.>`,
  /** Asks the gateways to look at a host now; a lost doorbell costs only the time to the next sweep. */
  orderDoorbell: 'bell.order',
} as const;

export const METRIC_SHARDS = 32;

/** Parses `evt.<tenant>.<aggregate>.<id>`; undefined when the subject is none. */
export function parseEventSubject(subject: string): AggregateRef | undefined {
  const [prefix, tenant, aggregate, id, ...rest] = subject.split('.');
  if (prefix !== 'evt' || rest.length > 0) return undefined;
  if (tenant === undefined || aggregate === undefined || id === undefined) return undefined;
  if (!isId(tenant) || !isId(id) || !isAggregateName(aggregate)) return undefined;
  return { tenant: tenant as TenantId, aggregate, id: id as AggregateId };
}

/** Parses `task.<tenant>.<host>`; undefined when the subject is none. */
export function parseTaskSubject(
  subject: string,
): { readonly tenant: TenantId; readonly host: HostId } | undefined {
  const [prefix, tenant = '', host = '', ...rest] = subject.split('.');
  if (prefix !== 'task' || rest.length > 0 || !isId(tenant) || !isId(host)) return undefined;
  return { tenant: tenant as TenantId, host: host as HostId };
}

/**
 * Parses the subjects that hosts publish on: `hello|hb.<tenant>.<host>`, `up.<tenant>.<host>.<kind>`,
 * `rep.<tenant>.<host>.<taskId>` and, with its shard in front, `met.<shard>.<tenant>.<host>`.
 */
export function parseHostSubject(subject: string): HostSubject | undefined {
  const match = HOST_SUBJECT.exec(subject);
  const [, kind = '', tenant = '', host = '', rest = ''] = match ?? [];
  if (!isId(tenant) || !isId(host)) return undefined;
  return { kind, tenant: tenant as TenantId, host: host as HostId, rest };
}

/** A subject that a host published on, taken apart. `rest` is what follows the host id. */
export interface HostSubject {
  readonly kind: string;
  readonly tenant: TenantId;
  readonly host: HostId;
  readonly rest: string;
}

const HOST_SUBJECT = /^(hello|hb|up|rep|met)(?:(?<=met)\.\d+(?=\.[^.]+\.))?\.([^.]+)\.([^.]+)(?:\.(.+))?$/;
