import { Injectable } from '@nestjs/common';
import { catalogueOfHost, type Catalogue } from '#lib/collector-validation';
import type { HostId, TenantId } from '#lib/events';
import { hostNotFound, refusal } from '../shared/http/edge-error.js';
import { HostsReader } from '../shared/views/hosts.reader.js';

/** The components that configurations are judged by. */
@Injectable()
export class HostCollectors {
  constructor(private readonly hosts: HostsReader) {}

  /**
   * What the collector of a host offers; undefined without a host, where the pinned collector counts.
   * @throws DomainError `host-not-found`
   * @throws ProblemError `collector-unknown`
   */
  async of(tenant: TenantId, host: string | undefined): Promise<Catalogue | undefined> {
    if (host === undefined) return undefined;
    const collector = await this.hosts.collector(tenant, host as HostId);
    if (collector === undefined) throw hostNotFound();
    const { offers, version } = collector;
    if (offers !== null) return catalogueOfHost(version, offers);
    throw refusal(
      'collector-unknown',
      `Host ${host} did not tell what its collector offers.`,
      'Leave forHost out to be judged by the collector that Phoenix pins.',
    );
  }
}
