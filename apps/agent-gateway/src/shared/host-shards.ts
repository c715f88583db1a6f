import type { HostId, TenantId } from '#lib/events';
import { key } from './fleet-book.js';

/** Parts into which the hosts are divided; more than there will be gateways, so that shares are nearly equal. */
export const HOST_SHARDS = 32;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The part to which a host belongs, from 0: FNV-1a (32 bits) of tenant and host, modulo `HOST_SHARDS`. */
export function shardOf(tenant: TenantId, host: HostId): number {
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(key(tenant, host))) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return (hash >>> 0) % HOST_SHARDS;
}

/** The name of the lease on a part. It sorts by number. */
export function shardName(shard: number): string {
  return `hosts-${String(shard).padStart(2, '0')}`;
}
