import { hostAttempt } from '#lib/database';
import type { OrderedHashes } from '#lib/metering';
import type { Database } from './database.js';
import type { ExperimentKey } from './experiment-book.js';

const NONE: ReadonlySet<string> = new Set();

/** Every configuration that was ever offered to a host for the experiment, from the ledger of orders. */
export async function orderedHashes(source: Database, { tenant, id }: ExperimentKey): Promise<OrderedHashes> {
  const offers = await source
    .getRepository(hostAttempt)
    .find({ where: { tenant, experimentId: id, stage: 'offered' } });
  const hashes = new Map<string, Set<string>>();
  for (const { host, collectors } of offers) {
    for (const { variant, configHash } of collectors) {
      const key = `${host} ${variant}`;
      hashes.set(key, (hashes.get(key) ?? new Set()).add(configHash));
    }
  }
  return (host, variant) => hashes.get(`${host} ${variant}`) ?? NONE;
}
