import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDataSource, waitForPosition, type ViewName } from '#lib/database';
import { streams, type Position } from '#lib/events';
import { applyTopology, createApp, JetStreamEventStore, mintServiceCreds, systemClock } from '#lib/platform';
import { connectTestNats } from '#lib/platform-testing';
import { startTestParts } from '#tools/embedded';
import { ProjectorModule } from '../../projector.module.js';

/** The whole app on a real hub and a real database, and the ways of looking at it from outside. */
export async function startProjector() {
  const parts = await startTestParts({ hub: true, postgres: true });
  const nats = await connectTestNats(parts.hub, parts.dir);
  await applyTopology(nats, streams);
  const source = await createDataSource(parts.postgres.url, { warn: () => undefined }).initialize();
  await source.synchronize();
  const natsCreds = join(parts.dir, 'projector.creds');
  const { creds } = await mintServiceCreds(parts.hub.security, 'projector');
  await writeFile(natsCreds, creds, { mode: 0o600 });
  const config = {
    httpHost: '127.0.0.1',
    httpPort: 8083,
    natsUrl: parts.hub.url,
    natsCreds,
    databaseUrl: parts.postgres.url,
    logLevel: 'fatal',
  } as const;
  const app = await createApp(ProjectorModule.forRoot(config), { port: 0, host: config.httpHost });
  const url = await app.getUrl();
  return {
    config,
    creds,
    nats,
    source,
    store: new JetStreamEventStore(nats),
    get: (path: string) => fetch(`${url}${path}`),
    reached: (projection: ViewName, position: Position) =>
      waitForPosition(source, systemClock, { projection, position }, 20_000),
    stop: async () => {
      await app.close();
      await source.destroy();
      await nats.drain();
      await parts.stop();
    },
  };
}

export type RunningProjector = Awaited<ReturnType<typeof startProjector>>;
