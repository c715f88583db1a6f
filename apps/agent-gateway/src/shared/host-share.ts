import type { HostId, TenantId } from '#lib/events';
import { HOST_SHARDS, shardName, shardOf } from './host-shards.js';
import type { Leases } from './leases.js';

/** The lease on reading what hosts report: one gateway does it for all. */
export const UPLINK_LEASE = 'uplink';

/** Everything that gateways share. */
export const leaseNames: readonly string[] = [
  ...Array.from({ length: HOST_SHARDS }, (_, shard) => shardName(shard)),
  UPLINK_LEASE,
];

/** The hosts for which this gateway acts: others hear them too, and leave them alone. */
export class HostShare {
  constructor(private readonly leases: Pick<Leases, 'epochOf'>) {}

  holds(tenant: TenantId, host: HostId): boolean {
    return this.sessionOf(tenant, host) !== undefined;
  }

  /** What fences an earlier gateway at the host; undefined when this gateway does not hold it. */
  sessionOf(tenant: TenantId, host: HostId): number | undefined {
    return this.leases.epochOf(shardName(shardOf(tenant, host)));
  }
}

/** Which hosts belong to some leases. */
export function hostsOf(names: ReadonlySet<string>): (tenant: TenantId, host: HostId) => boolean {
  return (tenant, host) => names.has(shardName(shardOf(tenant, host)));
}
