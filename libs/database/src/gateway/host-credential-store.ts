import type { DataSource } from 'typeorm';
import type { HostId, TenantId } from '#lib/events';
import { sqlOf } from '../sql/sql.js';
import { upsert } from '../sql/upsert.js';
import { hostCredential, type HostCredential } from '../tables/enrolment.table.js';

/** The HTTPS credentials of hosts. */
export class HostCredentialStore {
  constructor(private readonly source: DataSource) {}

  /** Puts a credential in the place of the host's last one, which is worth nothing from then on. */
  replace(credential: HostCredential): Promise<void> {
    return upsert(sqlOf(this.source.manager), hostCredential, [credential], { existing: 'replace' });
  }

  /** The hash of the host's secret; undefined when it never got one. */
  async secretHash(tenant: TenantId, host: HostId): Promise<string | undefined> {
    const row = await this.source.getRepository(hostCredential).findOneBy({ tenant, host });
    return row?.secretHash;
  }
}
