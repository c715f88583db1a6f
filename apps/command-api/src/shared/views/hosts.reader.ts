import { Inject, Injectable } from '@nestjs/common';
import {
  DATA_SOURCE,
  attemptsOf,
  collectorOf,
  findHost,
  hostAttempt,
  hostView,
  type HostAttempt,
  type HostPresence,
  type HostStatus,
  type HostView,
} from '#lib/database';
import type { AggregateId, HostId, TenantId } from '#lib/events';
import type { Database } from './database.js';
import type {
  AttemptEntry,
  ExperimentHost,
  Host,
  HostCollector,
  HostDetail,
  HostPage,
  Presence,
} from './host.view.js';

const SHOWN_ATTEMPTS = 200;

/** Reads hosts, their presence and the attempt ledger as answers and feeds show them. */
@Injectable()
export class HostsReader {
  constructor(@Inject(DATA_SOURCE) private readonly db: Database) {}

  /** Hosts in the order of their ids, after one of them. */
  async list(tenant: TenantId, limit: number, after = ''): Promise<HostPage> {
    const select = this.select(tenant).andWhere('h.id > :after', { after });
    const rows = await select.limit(limit + 1).getMany();
    const items = rows.slice(0, limit).map(toHost);
    return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  }

  /** All hosts, or those of the given ids that exist. */
  async hosts(tenant: TenantId, ids?: readonly string[]): Promise<readonly Host[]> {
    const select = this.select(tenant);
    if (ids !== undefined) select.andWhere('h.id = ANY(:ids)', { ids });
    return (await select.getMany()).map(toHost);
  }

  async detail(tenant: TenantId, id: HostId): Promise<HostDetail | undefined> {
    const [host, attempts] = await Promise.all([
      findHost(this.db, tenant, id),
      this.db
        .getRepository(hostAttempt)
        .find({ where: { tenant, host: id }, order: { at: 'DESC' }, take: SHOWN_ATTEMPTS }),
    ]);
    if (host === null) return undefined;
    const presence = host.presence === null ? null : toPresence(host.presence);
    return { ...toHost(host), presence, attempts: attempts.map(toAttempt) };
  }

  async collector(tenant: TenantId, id: HostId): Promise<HostCollector | undefined> {
    const row = await collectorOf(this.db, tenant, id);
    return row && { id, ...row.inventory.collector, offers: row.collectorOffers ?? null };
  }

  /** The hosts of an experiment with what each was ordered and did for it. */
  async ofExperiment(
    tenant: TenantId,
    experimentId: AggregateId,
    ids: readonly HostId[],
  ): Promise<readonly ExperimentHost[]> {
    const [hosts, attempts] = await Promise.all([
      this.hosts(tenant, ids),
      attemptsOf(this.db, tenant, experimentId),
    ]);
    return ids.map((id) => {
      const host = hosts.find((candidate) => candidate.id === id);
      return {
        id,
        status: host?.status ?? null,
        collectors: host?.collectors ?? [],
        lastError: host?.lastError ?? null,
        attempts: attempts.filter((attempt) => attempt.host === id).map(toAttempt),
      };
    });
  }

  async countByStatus(tenant: TenantId): Promise<Readonly<Partial<Record<HostStatus, number>>>> {
    const counts = await this.db
      .getRepository(hostView)
      .createQueryBuilder('h')
      .select(['h.status AS status', 'count(*)::int AS hosts'])
      .where('h.tenant = :tenant', { tenant })
      .groupBy('h.status')
      .getRawMany<{ status: HostStatus; hosts: number }>();
    return Object.fromEntries(counts.map(({ status, hosts }) => [status, hosts]));
  }

  private select(tenant: TenantId) {
    const hosts = this.db.getRepository(hostView).createQueryBuilder('h');
    return hosts.where('h.tenant = :tenant', { tenant }).orderBy('h.id');
  }
}

function toHost(row: HostView): Host {
  const { id, hostname, status, labels, site, inventory, generation, lastError, agentVersion } = row;
  return {
    ...{ id, hostname, status, position: String(row.position), labels, site, inventory, generation },
    collectors: [...row.collectors],
    ...{ lastError, agentVersion, rotationRequestedAt: row.rotationRequestedAt },
    ...{ enrolledAt: row.enrolledAt, updatedAt: row.updatedAt },
  };
}

function toPresence(row: HostPresence): Presence {
  return {
    bootId: row.bootId,
    lastHeartbeatAt: row.lastHeartbeatAt,
    agent: { cpuPercent: row.agentCpuPercent, rssBytes: row.agentRssBytes },
    outbox: {
      results: row.outboxResults,
      metrics: row.outboxMetrics,
      dropped: row.outboxDropped,
      failure: row.outboxFailure,
    },
    link: row.door === null ? null : { door: row.door, server: row.linkServer, rttMs: row.linkRttMs },
    collectors: [...row.collectors],
    ingress: row.ingress === null ? null : [...row.ingress],
  };
}

function toAttempt(row: HostAttempt): AttemptEntry {
  const { host, generation, taskId, stage, at, reason, collectors, experimentId, detectedAt } = row;
  const what = { host, generation, taskId, stage, at, reason };
  return { ...what, collectors: [...collectors], experimentId, detectedAt };
}
