import type { DataSource } from 'typeorm';
import type { HostId, TenantId } from '#lib/events';
import { hostHello, hostPresence, type HostHello, type HostPresence } from '../tables/host.table.js';
import { upsert } from '../sql/upsert.js';
import { sqlOf } from '../sql/sql.js';

/** Last heartbeats and hellos, overwritten. */
export class PresenceStore {
  constructor(private readonly source: DataSource) {}

  /** Stores the newest heartbeat of each host; each host may occur once. */
  save(rows: readonly HostPresence[]): Promise<void> {
    return upsert(sqlOf(this.source.manager), hostPresence, rows, {
      existing: 'replace-older',
      by: 'lastHeartbeatAt',
    });
  }

  /** Stores the newest hello of each host; each host may occur once. */
  saveHellos(rows: readonly HostHello[]): Promise<void> {
    return upsert(sqlOf(this.source.manager), hostHello, rows, { existing: 'replace-older', by: 'at' });
  }

  /** When a host was last heard, ISO 8601. */
  async lastHeard(tenant: TenantId, host: HostId): Promise<string | undefined> {
    const row = await this.source.getRepository(hostPresence).findOneBy({ tenant, host });
    return row?.lastHeartbeatAt;
  }
}
