import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { streams } from '#lib/events';
import { applyTopology, type Nats } from '#lib/platform';
import { connectTestNats } from '#lib/platform-testing';
import { resolveNatsServer, scratchDirectory, startHub, startPostgres, type Hub } from '#tools/embedded';
import { migrateUp } from '#tools/migrate';

/** A hub as an installation has it, with its streams, and a connection of a service to it. */
export interface HubParts {
  readonly dir: string;
  readonly hub: Hub;
  readonly nats: Nats;
}

const quiet = (): void => undefined;

/** Runs the work with a hub of its own. */
export async function withHub<T>(work: (parts: HubParts) => Promise<T>): Promise<T> {
  const dir = scratchDirectory();
  const hub = await startHub({ dir: join(dir, 'hub'), natsServer: (await resolveNatsServer(quiet)).path });
  const nats = await connectTestNats(hub, dir, 'bench');
  try {
    await applyTopology(nats, streams);
    return await work({ dir, hub, nats });
  } finally {
    await nats.drain();
    await hub.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

/** Runs the work with a hub and a migrated database that survives a power loss, as in an installation. */
export function withHubAndDatabase<T>(
  work: (parts: HubParts & { readonly databaseUrl: string }) => Promise<T>,
): Promise<T> {
  return withHub(async (parts) => {
    const postgres = await startPostgres({ dir: join(parts.dir, 'postgres'), log: quiet });
    try {
      await migrateUp(postgres.url);
      return await work({ ...parts, databaseUrl: postgres.url });
    } finally {
      await postgres.stop();
    }
  });
}
