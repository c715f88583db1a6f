import { connectDataSource, PostgresRebuildSession } from '#lib/database';
import {
  connectNats,
  createLogger,
  JetStreamEventStore,
  rebuildProjection,
  type EventStore,
} from '#lib/platform';
import type { ProjectorConfig } from '../projector.config.js';
import { viewProjections } from '../projections.js';

type RebuildConfig = Pick<ProjectorConfig, 'natsUrl' | 'natsCreds' | 'databaseUrl' | 'logLevel'>;

/**
 * Computes the tables of a projection from the first commit on and swaps them in; the projector may go on running.
 * @returns what to tell the user
 * @throws TypeError for an unknown projection; CheckpointAhead when the stream lacks commits that the rows know
 */
export async function rebuild(config: RebuildConfig, name: string): Promise<string> {
  const projection = viewProjections.find((one) => one.name === name);
  if (projection === undefined)
    throw new TypeError(
      `no projection ${JSON.stringify(name)}; there are: ${viewProjections.map((one) => one.name).join(', ')}`,
    );
  const logger = createLogger({ app: 'projector-rebuild', level: config.logLevel });
  const source = await connectDataSource(config.databaseUrl, logger);
  try {
    return await withStore(config, async (store) => {
      const session = await PostgresRebuildSession.open(source, projection);
      const { position, parked } = await rebuildProjection(projection, store, session);
      const problems = parked.length === 0 ? '' : `; parked again: ${parked.join(', ')}`;
      return `rebuilt ${name} up to position ${position}${problems}`;
    });
  } finally {
    await source.destroy();
  }
}

async function withStore<T>(config: RebuildConfig, work: (store: EventStore) => Promise<T>): Promise<T> {
  const { natsUrl: url, natsCreds: credsFile } = config;
  const nats = await connectNats({ url, name: 'projector-rebuild', credsFile });
  try {
    return await work(new JetStreamEventStore(nats));
  } finally {
    await nats.drain();
  }
}
