import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Provider } from '@nestjs/common';
import { DATA_SOURCE, LeaseStore } from '#lib/database';
import { systemClock } from '#lib/platform';
import { HostShare, leaseNames } from './host-share.js';
import { Leases } from './leases.js';

const LEASE_SECONDS = 10;
/** Often enough that some rounds may fail before a lease is over. */
export const LEASE_ROUND_MS = 2_000;

/** The leases of this gateway. They run on real time, as those of the database do, whatever clock the app is given. */
export const leases: readonly Provider[] = [
  {
    provide: Leases,
    useFactory: (source: ConstructorParameters<typeof LeaseStore>[0]) =>
      new Leases({
        table: new LeaseStore(source, `${hostname()}-${randomUUID()}`, LEASE_SECONDS),
        names: leaseNames,
        leaseMs: LEASE_SECONDS * 1000,
        clocks: () => [performance.now(), systemClock.now()],
      }),
    inject: [DATA_SOURCE],
  },
  { provide: HostShare, useFactory: (held: Leases) => new HostShare(held), inject: [Leases] },
];
