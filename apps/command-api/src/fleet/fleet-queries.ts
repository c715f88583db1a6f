import { Injectable } from '@nestjs/common';
import { isId, type HostId, type TenantId } from '#lib/events';
import { hostNotFound, invalidCursor } from '../shared/http/edge-error.js';
import { Lag } from '../shared/views/lag.js';
import type { FleetStatus, HostCollector, HostDetail, HostPage } from '../shared/views/host.view.js';
import { HostsReader } from '../shared/views/hosts.reader.js';

/** What can be asked about hosts. */
@Injectable()
export class FleetQueries {
  constructor(
    private readonly hosts: HostsReader,
    private readonly lag: Lag,
  ) {}

  /** @throws ProblemError `invalid-cursor` */
  list(tenant: TenantId, limit: number, cursor?: string): Promise<HostPage> {
    if (cursor === undefined || isId(cursor)) return this.hosts.list(tenant, limit, cursor);
    throw invalidCursor();
  }

  /** @throws DomainError `host-not-found` */
  async get(tenant: TenantId, id: HostId): Promise<HostDetail> {
    const host = await this.hosts.detail(tenant, id);
    if (host !== undefined) return host;
    throw hostNotFound();
  }

  /** @throws DomainError `host-not-found` */
  async collector(tenant: TenantId, id: HostId): Promise<HostCollector> {
    const collector = await this.hosts.collector(tenant, id);
    if (collector !== undefined) return collector;
    throw hostNotFound();
  }

  async status(tenant: TenantId): Promise<FleetStatus> {
    const [counts, lag] = await Promise.all([this.hosts.countByStatus(tenant), this.lag.read()]);
    const { enrolled = 0, online = 0, suspect = 0, offline = 0, revoked = 0 } = counts;
    const total = enrolled + online + suspect + offline + revoked;
    return { hosts: { total, enrolled, online, suspect, offline, revoked }, ...lag };
  }
}
