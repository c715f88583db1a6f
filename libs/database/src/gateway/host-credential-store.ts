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

  /** Accepts another secret beside the present one, until one of them is put in its place. */
  async propose(tenant: TenantId, host: HostId, nextSecretHash: string): Promise<void> {
    await this.source.getRepository(hostCredential).update({ tenant, host }, { nextSecretHash });
  }

  /** The hashes of the secrets that are accepted; none when the host never got one. */
  async secretHashes(tenant: TenantId, host: HostId): Promise<readonly string[]> {
    const row = await this.source.getRepository(hostCredential).findOneBy({ tenant, host });
    return [row?.secretHash, row?.nextSecretHash].filter((hash) => typeof hash === 'string');
  }
}
