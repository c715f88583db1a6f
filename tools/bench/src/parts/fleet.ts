import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryRoot, spawnService } from '#tools/embedded';
import { FLEET_CONTROL, type FleetCommand } from '../load/fleet-protocol.js';
import type { HubParts } from './hub.js';

const ANSWER_MS = 10_000;
const TRIES = 50;

/** Thousands of hosts that a process of its own plays. */
export interface PlayedFleet {
  tell(command: FleetCommand): Promise<void>;
}

/** Runs the work beside a played fleet of which no host is there yet. */
export async function withFleet<T>(parts: HubParts, work: (fleet: PlayedFleet) => Promise<T>): Promise<T> {
  const service = await spawnService({
    name: 'played-fleet',
    command: process.execPath,
    args: [join(repositoryRoot(), 'dist/tools/bench/src/load/played-fleet.js')],
    env: { PHOENIX_NATS_URL: parts.hub.url, PHOENIX_NATS_CREDS: join(parts.dir, 'bench.creds') },
    output: { file: join(parts.dir, 'fleet.log') },
  });
  const tell = async (command: FleetCommand): Promise<void> => {
    await parts.nats.request(FLEET_CONTROL, new TextEncoder().encode(JSON.stringify(command)), ANSWER_MS);
  };
  try {
    await answers(() => tell({ online: 0, hello: false }));
    return await work({ tell });
  } finally {
    await service.stop();
  }
}

async function answers(ask: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await ask();
      return;
    } catch (error) {
      if (attempt === TRIES) throw error;
      await sleep(200);
    }
  }
}
