import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { enrolResponseSchema, type EnrolResponse } from '#lib/agent-protocol';
import { connectDataSource, enrolmentToken } from '#lib/database';
import { streams, type TenantId } from '#lib/events';
import { applyTopology, systemClock, type Nats } from '#lib/platform';
import { connectTestNats } from '#lib/platform-testing';
import { startAppProcess, type AppProcess } from '#tools/house';
import {
  LOOPBACK,
  resolveNatsServer,
  startHub,
  startTestParts,
  type Hub,
  type TestParts,
} from '#tools/embedded';
import { migrateUp } from '#tools/migrate';
import type { Network } from '../netns/network.js';
import { HUB_NODE } from '../netns/steps.js';
import { Ends } from './ends.js';
import { Gateways } from './gateways.js';
import { Proxy } from './proxy.js';

export const tenant = 'acme' as TenantId;
const TOKEN = 'token-of-the-campaign';
const SERVICE = 'campaign';

export type Database = Awaited<ReturnType<typeof connectDataSource>>;

interface HouseParts {
  readonly test: TestParts<{ hub: true; postgres: true }>;
  readonly natsServer: string;
  /** Of a trusted service; it goes to the hub itself. */
  readonly nats: Nats;
  readonly database: Database;
  readonly gateways: Gateways;
  /** Makes the read model. */
  readonly projector: AppProcess;
  readonly ends: Ends;
  readonly network: Network | undefined;
}

/** The control plane of one seed: hub, database, gateways, and a trusted connection that no fault concerns. */
export class CampaignHouse {
  readonly nats: Nats;
  readonly database: Database;
  readonly gateways: Gateways;
  readonly natsServer: string;
  readonly ends: Ends;
  /** The real links of this house; undefined where proxies are in their place. */
  readonly network: Network | undefined;

  private constructor(
    private readonly parts: HouseParts,
    private hub: Hub,
  ) {
    this.nats = parts.nats;
    this.database = parts.database;
    this.gateways = parts.gateways;
    this.natsServer = parts.natsServer;
    this.ends = parts.ends;
    this.network = parts.network;
    this.watchHub();
  }

  /** Starts everything, with a token that lets `hosts` in. */
  static async open(hosts: number, network?: Network): Promise<CampaignHouse> {
    const hubPlace = network?.place(HUB_NODE);
    const parts = await startTestParts({
      ...{ hub: true, postgres: true },
      ...(hubPlace !== undefined && { hubPlace }),
    });
    const { hub, postgres } = parts;
    const nats = await connectTestNats(hub, parts.dir, SERVICE);
    await applyTopology(nats, streams);
    await migrateUp(postgres.url);
    const database = await connectDataSource(postgres.url, { warn: () => undefined });
    await issueToken(database, hosts);
    const credsFile = join(parts.dir, `${SERVICE}.creds`);
    const ends = new Ends();
    const apps = { dir: parts.dir, hub, databaseUrl: postgres.url, credsFile };
    const gateways = new Gateways(apps, await Proxy.open(0, network?.ownAddress), ends);
    const projector = await startAppProcess('projector', apps);
    ends.watch({ process: 'projector', exited: projector.exited, logFile: join(parts.dir, 'projector.log') });
    const natsServer = (await resolveNatsServer(() => undefined)).path;
    const house = new CampaignHouse(
      { test: parts, natsServer, nats, database, gateways, projector, ends, network },
      hub,
    );
    await gateways.add();
    return house;
  }

  get dir(): string {
    return this.parts.test.dir;
  }

  /** Where the hub tells of its connections. */
  get hubMonitorUrl(): string {
    return this.hub.monitorUrl;
  }

  get hubPorts(): Hub['ports'] {
    return this.hub.ports;
  }

  /** Kills the hub with SIGKILL and starts it again where it was. */
  async restartHub(pauseMs: number, pause: (ms: number) => Promise<unknown>): Promise<void> {
    const { exited, ports } = this.hub;
    this.ends.expect(exited);
    await this.hub.kill();
    await pause(pauseMs);
    const place = this.network?.place(HUB_NODE) ?? LOOPBACK;
    this.hub = await startHub({ dir: join(this.dir, 'hub'), natsServer: this.natsServer, ports, place });
    this.watchHub();
  }

  /** Lets a host in, as its own request for it. */
  async enrol(hostname: string): Promise<EnrolResponse> {
    const answer = await fetch(`${this.gateways.url}/api/v1/agent/enrol`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ protocol: 1, token: TOKEN, hostname, agentVersion: '0.1.0', inventory }),
    });
    return enrolResponseSchema.parse(await answer.json());
  }

  private watchHub(): void {
    const logFile = join(this.dir, 'hub', 'nats-hub.log');
    this.ends.watch({ process: 'hub', exited: this.hub.exited, logFile });
  }

  async close(): Promise<void> {
    await this.gateways.close();
    await this.gateways.door.close();
    await this.parts.projector.stop();
    await this.database.destroy();
    await this.nats.drain();
    await this.hub.stop();
    await this.parts.test.stop();
  }
}

async function issueToken(database: Database, maxUses: number): Promise<void> {
  await database.getRepository(enrolmentToken).insert({
    ...{ id: 'tok-1', tenant, tokenHash: createHash('sha256').update(TOKEN).digest('hex') },
    ...{ labels: {}, site: null, maxUses, expiresAt: '2999-01-01T00:00:00.000Z' },
    ...{ createdAt: systemClock.iso(), createdBy: SERVICE, revokedAt: null },
  });
}

const inventory = {
  ...{ os: 'linux', kernel: '6.1', arch: 'x64', cpus: 2, memoryBytes: 8e9 },
  collector: { kind: 'builtin', version: '0.1.0' },
} as const;
