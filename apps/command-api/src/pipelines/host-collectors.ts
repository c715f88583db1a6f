import { Injectable } from '@nestjs/common';
import { catalogueOfHost, type Catalogue } from '#lib/collector-validation';
import type { HostId, TenantId } from '#lib/events';
import { FleetQueries } from '../fleet/fleet-queries.js';
import { refusal } from '../shared/http/edge-error.js';

/** The components that configurations are judged by. */
@Injectable()
export class HostCollectors {
  constructor(private readonly fleet: FleetQueries) {}

  /**
   * What the collector of a host offers; undefined without a host, where the pinned collector counts.
   * @throws DomainError `host-not-found`
   * @throws ProblemError `collector-unknown`
   */
  async of(tenant: TenantId, host: string | undefined): Promise<Catalogue | undefined> {
    if (host === undefined) return undefined;
    const { offers, version } = await this.fleet.collector(tenant, host as HostId);
    if (offers !== null) return catalogueOfHost(version, offers);
    throw refusal(
      'collector-unknown',
      `Host ${host} did not tell what its collector offers.`,
      'Leave forHost out to be judged by the collector that Phoenix pins.',
    );
  }
}
