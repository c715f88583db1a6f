import { createDataSource, PostgresRebuildSession } from '#lib/database';
import { connectNats, createLogger, JetStreamEventStore, rebuildProjection } from '#lib/platform';
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
  const nats = await connectNats({
    url: config.natsUrl,
    name: 'projector-rebuild',
    credsFile: config.natsCreds,
  });
  const source = createDataSource(config.databaseUrl, logger);
  try {
    await source.initialize();
    const session = await PostgresRebuildSession.open(source, projection);
    const { position, parked } = await rebuildProjection(projection, new JetStreamEventStore(nats), session);
    const problems = parked.length === 0 ? '' : `; parked again: ${parked.join(', ')}`;
    return `rebuilt ${name} up to position ${position}${problems}`;
  } finally {
    if (source.isInitialized) await source.destroy();
    await nats.drain();
  }
}
