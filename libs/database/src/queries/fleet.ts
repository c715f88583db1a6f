import { In, type DataSource } from 'typeorm';
import type { HostId, Targets, TenantId } from '#lib/events';
import {
  hostHello,
  hostPresence,
  hostView,
  type HostHello,
  type HostPresence,
  type HostView,
} from '../tables/host.table.js';
import { hostAttempt, type HostAttempt } from '../tables/order.table.js';

/** A host with its last heartbeat, or null when it was never heard of. */
export interface HostWithPresence extends HostView {
  readonly presence: HostPresence | null;
}

/** All hosts of a tenant by name, with presence. */
export async function listHosts(source: DataSource, tenant: TenantId): Promise<readonly HostWithPresence[]> {
  const [hosts, presences] = await Promise.all([
    source.getRepository(hostView).find({ where: { tenant }, order: { hostname: 'ASC', id: 'ASC' } }),
    source.getRepository(hostPresence).findBy({ tenant }),
  ]);
  const byHost = new Map(presences.map((presence) => [presence.host, presence]));
  return hosts.map((host) => ({ ...host, presence: byHost.get(host.id) ?? null }));
}

/** One host with presence, or null. */
export async function findHost(
  source: DataSource,
  tenant: TenantId,
  id: HostId,
): Promise<HostWithPresence | null> {
  const [host, presence] = await Promise.all([
    source.getRepository(hostView).findOneBy({ tenant, id }),
    source.getRepository(hostPresence).findOneBy({ tenant, host: id }),
  ]);
  return host === null ? null : { ...host, presence };
}

/** What a host's collector offers, as far as its agent told; undefined when there is no such host. */
export async function collectorOf(
  source: DataSource,
  tenant: TenantId,
  id: HostId,
): Promise<Pick<HostView, 'inventory' | 'collectorOffers'> | undefined> {
  const row = await source.getRepository(hostView).findOne({
    where: { tenant, id },
    select: { tenant: true, id: true, inventory: true, collectorOffers: true },
  });
  return row ?? undefined;
}

/** Hosts that targets mean now: named ones, or those whose labels and site all match. Revoked hosts never. */
export function hostsMatching(
  source: DataSource,
  tenant: TenantId,
  targets: Targets,
): Promise<readonly HostView[]> {
  const builder = source
    .getRepository(hostView)
    .createQueryBuilder('h')
    .where('h.tenant = :tenant', { tenant })
    .andWhere(`h.status <> 'revoked'`);
  if (targets.hosts !== undefined) builder.andWhere('h.id = ANY(:hosts)', { hosts: targets.hosts });
  if (targets.labels !== undefined)
    builder.andWhere('h.labels @> :labels::jsonb', { labels: JSON.stringify(targets.labels) });
  if (targets.site !== undefined) builder.andWhere('h.site = :site', { site: targets.site });
  return builder.orderBy('h.id', 'ASC').getMany();
}

/** The attempt ledger of an experiment, oldest first. */
export function attemptsOf(
  source: DataSource,
  tenant: TenantId,
  experimentId: NonNullable<HostAttempt['experimentId']>,
): Promise<readonly HostAttempt[]> {
  return source
    .getRepository(hostAttempt)
    .find({ where: { tenant, experimentId }, order: { at: 'ASC', host: 'ASC' } });
}

/** What there is to know about how a host does. */
export interface HostRecords extends HostWithPresence {
  readonly hello: HostHello | null;
  /** The newest stage of an order, the newest that took effect, and the newest that did not. */
  readonly newest: HostAttempt | null;
  readonly effective: HostAttempt | null;
  readonly refused: HostAttempt | null;
}

/** Everything that a host's state is judged by, or null when there is no such host. */
export async function recordsOf(
  source: DataSource,
  tenant: TenantId,
  host: HostId,
): Promise<HostRecords | null> {
  const newestOf = (...stages: readonly HostAttempt['stage'][]): Promise<HostAttempt | null> =>
    source.getRepository(hostAttempt).findOne({
      where: { tenant, host, ...(stages.length > 0 && { stage: In([...stages]) }) },
      order: { generation: 'DESC', at: 'DESC' },
    });
  const [known, hello, newest, effective, refused] = await Promise.all([
    findHost(source, tenant, host),
    source.getRepository(hostHello).findOneBy({ tenant, host }),
    newestOf(),
    newestOf('effective'),
    newestOf('failed', 'fell-back'),
  ]);
  return known === null ? null : { ...known, hello, newest, effective, refused };
}
