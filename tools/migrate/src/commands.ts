import { streams } from '#lib/events';
import { applyTopology, connectNats, TopologyError, verifyTopology, type Nats } from '#lib/platform';
import type { MigrateConfig } from './migrate.config.js';
import { migrateDown, migrateUp, migrationStatus } from './schema.js';

export type MigrateCommand = 'up' | 'down' | 'status';

/** What a command found or did, in lines for a person, and whether all is as it should be. */
export interface Outcome {
  readonly lines: readonly string[];
  readonly ok: boolean;
}

/**
 * `up` brings schema and streams to this version, `down` takes the newest migration back and leaves the streams, as
 * they hold the truth, `status` changes nothing and is not ok while anything is missing.
 */
export function runCommand(command: MigrateCommand, config: MigrateConfig): Promise<Outcome> {
  switch (command) {
    case 'up':
      return up(config);
    case 'down':
      return down(config);
    case 'status':
      return status(config);
  }
}

async function up(config: MigrateConfig): Promise<Outcome> {
  const applied = await migrateUp(config.databaseUrl);
  await withNats(config, (nats) => applyTopology(nats, streams));
  const schema =
    applied.length === 0 ? ['schema: nothing to do'] : applied.map((name) => `schema: applied ${name}`);
  return { lines: [...schema, `streams: ${streamNames()} as defined`], ok: true };
}

async function down({ databaseUrl }: MigrateConfig): Promise<Outcome> {
  const name = await migrateDown(databaseUrl);
  return {
    lines: [name === undefined ? 'schema: nothing to take back' : `schema: took back ${name}`],
    ok: true,
  };
}

async function status(config: MigrateConfig): Promise<Outcome> {
  const known = await migrationStatus(config.databaseUrl);
  const schema = known.map(({ name, applied }) => `schema: ${applied ? 'applied' : 'MISSING'} ${name}`);
  const difference = await topologyDifference(config);
  return {
    lines: [...schema, `streams: ${difference ?? `${streamNames()} as defined`}`],
    ok: difference === undefined && known.every(({ applied }) => applied),
  };
}

/** What is wrong with the streams, or undefined. */
async function topologyDifference(config: MigrateConfig): Promise<string | undefined> {
  try {
    await withNats(config, (nats) => verifyTopology(nats, streams));
    return undefined;
  } catch (error) {
    if (error instanceof TopologyError) return error.message;
    throw error;
  }
}

async function withNats(config: MigrateConfig, work: (nats: Nats) => Promise<void>): Promise<void> {
  const nats = await connectNats({ url: config.natsUrl, name: 'migrate', credsFile: config.natsCreds });
  try {
    await work(nats);
  } finally {
    await nats.drain();
  }
}

function streamNames(): string {
  return streams.map(({ name }) => name).join(', ');
}
