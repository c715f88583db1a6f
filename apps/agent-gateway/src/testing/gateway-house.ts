import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { EnrolResponse } from '#lib/agent-protocol';
import { createDataSource, enrolmentToken } from '#lib/database';
import { streams, type TenantId } from '#lib/events';
import {
  applyTopology,
  connectNats,
  createApp,
  mintServiceCreds,
  systemClock,
  type Clock,
  type Nats,
} from '#lib/platform';
import { freePort, startTestParts, type TestParts } from '#tools/embedded';
import type { AgentGatewayConfig } from '../agent-gateway.config.js';
import { AgentGatewayModule } from '../agent-gateway.module.js';
import { enrolmentStatuses, hashOf } from '../enrolment/enrolment.service.js';
import { listenToHosts } from '../host-transport.js';

export const tenant = 'acme' as TenantId;
const TOKEN = 'token-of-the-test';

/** The gateway over a real hub and a real Postgres. */
export class GatewayHouse {
  private app: NestFastifyApplication | undefined;

  private constructor(
    readonly parts: TestParts<{ hub: true; postgres: true }>,
    readonly config: AgentGatewayConfig,
    /** Connected as a trusted service. */
    readonly services: Nats,
    readonly source: ReturnType<typeof createDataSource>,
    private readonly clock: Clock | undefined,
  ) {}

  /** Opens with one enrolment token that lets `maxUses` hosts in; the gateway goes by `clock`, else by the machine's. */
  static async open(maxUses = 1, clock?: Clock): Promise<GatewayHouse> {
    const parts = await startTestParts({ hub: true, postgres: true });
    const credsFile = join(parts.dir, 'gateway.creds');
    await writeFile(credsFile, (await mintServiceCreds(parts.hub.security, 'agent-gateway')).creds);
    const services = await connectNats({ url: parts.hub.url, name: 'test', credsFile });
    await applyTopology(services, streams);
    const source = await createDataSource(parts.postgres.url, { warn: () => undefined }).initialize();
    await source.synchronize();
    const config: AgentGatewayConfig = {
      httpHost: '127.0.0.1',
      httpPort: await freePort(),
      natsUrl: parts.hub.url,
      natsCreds: credsFile,
      databaseUrl: parts.postgres.url,
      logLevel: 'fatal',
      signingDirectory: parts.hub.security.directory,
      leafUrl: parts.hub.leafUrl,
    };
    await source.getRepository(enrolmentToken).insert({
      id: 'tok1',
      tenant,
      tokenHash: hashOf(TOKEN),
      labels: { role: 'web' },
      site: null,
      maxUses,
      expiresAt: '2999-01-01T00:00:00.000Z',
      createdAt: systemClock.iso(),
      createdBy: 'test',
      revokedAt: null,
    });
    const house = new GatewayHouse(parts, config, services, source, clock);
    await house.startGateway();
    return house;
  }

  async startGateway(): Promise<void> {
    this.app = await createApp(AgentGatewayModule.forRoot(this.config, this.clock), {
      port: this.config.httpPort,
      host: '127.0.0.1',
      prefix: 'api/v1',
      errorStatuses: enrolmentStatuses,
      configure: (built) => listenToHosts(built, this.config),
    });
  }

  async stopGateway(): Promise<void> {
    await this.app?.close();
    this.app = undefined;
  }

  /** Asks to be let in, as an agent does; `body` replaces parts of a good request. */
  enrol(body: object = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.config.httpPort}/api/v1/agent/enrol`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ protocol: 1, token: TOKEN, hostname: 'web-1', agentVersion: '0.1.0', inventory, ...body },
      }),
    });
  }

  async enrolled(hostname: string): Promise<EnrolResponse> {
    return (await (await this.enrol({ hostname })).json()) as EnrolResponse;
  }

  async close(): Promise<void> {
    await this.stopGateway();
    await this.source.destroy();
    await this.services.drain();
    await this.parts.stop();
  }
}

const inventory = {
  os: 'linux',
  kernel: '6.1',
  arch: 'x64',
  cpus: 2,
  memoryBytes: 8e9,
  collector: { kind: 'otelcol', version: '0.149.0' },
} as const;

/** Repeats an assertion until it holds; the suite's own limit ends it. */
export async function eventually(assertion: () => void | Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (attempt === 400) throw error;
      await wait(50);
    }
  }
}
