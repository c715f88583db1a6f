import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { EnrolResponse } from '#lib/agent-protocol';
import { createDataSource, enrolmentToken } from '#lib/database';
import { hostDecider } from '#lib/domain';
import { streams, type AggregateId, type TenantId } from '#lib/events';
import {
  applyTopology,
  CommandHandler,
  commandIdFrom,
  connectNats,
  createApp,
  JetStreamEventStore,
  mintServiceCreds,
  repeat,
  SHUTDOWN,
  systemClock,
  type Clock,
  type Nats,
  type Shutdown,
} from '#lib/platform';
import { startTestParts, type TestParts } from '#tools/embedded';
import type { AgentGatewayConfig } from '../agent-gateway.config.js';
import { AgentGatewayModule } from '../agent-gateway.module.js';
import { enrolmentStatuses, hashOf } from '../enrolment/enrolment.service.js';
import { openDoors } from '../host-transport.js';

export const tenant = 'acme' as TenantId;
export const TOKEN = 'token-of-the-test';

/** What the gateway does again and again it does so many times as often: it stores heartbeats only every 5 s. */
export const HASTE = 10;

/** The machine's clock. Limits, deadlines and pauses are as long as ever; only what is repeated comes sooner. */
const hastyClock: Clock = {
  ...systemClock,
  every: (ms, task, onError) => repeat(systemClock, ms / HASTE, task, onError),
};

export interface HouseOptions {
  readonly clock?: Clock;
  readonly installDirectory?: string;
}

/** The gateway over a real hub and a real Postgres. */
export class GatewayHouse {
  private app: NestFastifyApplication | undefined;
  /** The kernel's choice at the first start; then it stays, so that hosts find the gateway again. */
  private port = 0;

  private constructor(
    readonly parts: TestParts<{ hub: true; postgres: true }>,
    private readonly settings: AgentGatewayConfig,
    /** Connected as a trusted service. */
    readonly services: Nats,
    readonly source: ReturnType<typeof createDataSource>,
    private readonly clock: Clock,
  ) {}

  /** Opens with one enrolment token that lets `maxUses` hosts in; the gateway goes by `clock`, else by the machine's. */
  static async open(
    maxUses = 1,
    { clock = hastyClock, installDirectory }: HouseOptions = {},
  ): Promise<GatewayHouse> {
    const parts = await startTestParts({ hub: true, postgres: true });
    const credsFile = join(parts.dir, 'gateway.creds');
    await writeFile(credsFile, (await mintServiceCreds(parts.hub.security, 'agent-gateway')).creds);
    const services = await connectNats({ url: parts.hub.url, name: 'test', credsFile });
    await applyTopology(services, streams);
    const source = await createDataSource(parts.postgres.url, { warn: () => undefined }).initialize();
    await source.synchronize();
    const settings: AgentGatewayConfig = {
      httpHost: '127.0.0.1',
      httpPort: 0,
      natsUrl: parts.hub.url,
      natsCreds: credsFile,
      databaseUrl: parts.postgres.url,
      logLevel: 'fatal',
      signingDirectory: parts.hub.security.directory,
      leafUrl: parts.hub.leafUrl,
      installDirectory,
    };
    const house = new GatewayHouse(parts, settings, services, source, clock);
    await house.issueToken(TOKEN, maxUses);
    await house.startGateway();
    return house;
  }

  /** Lets `maxUses` more hosts in by another token. */
  async issueToken(token: string, maxUses = 1): Promise<void> {
    await this.source.getRepository(enrolmentToken).insert({
      id: `tok-${token}`,
      tenant,
      tokenHash: hashOf(token),
      labels: { role: 'web' },
      site: null,
      maxUses,
      expiresAt: '2999-01-01T00:00:00.000Z',
      createdAt: systemClock.iso(),
      createdBy: 'test',
      revokedAt: null,
    });
  }

  async startGateway(): Promise<void> {
    this.app = await this.createGateway(this.port);
    this.port = Number(new URL(await this.app.getUrl()).port);
  }

  /** Starts one more gateway at the same hub and database; the caller closes it. */
  startAnother(): Promise<NestFastifyApplication> {
    return this.createGateway(0);
  }

  private createGateway(port: number): Promise<NestFastifyApplication> {
    return createApp(AgentGatewayModule.forRoot(this.config, this.clock), {
      port,
      host: '127.0.0.1',
      prefix: 'api/v1',
      errorStatuses: enrolmentStatuses,
      listensUntil: 'flush',
      configure: (built) => openDoors(built, this.config),
    });
  }

  /** Does this when the gateway is to stop and takes nothing new any more, while it finishes what it began. */
  whileLeaving(work: () => Promise<void>): void {
    this.app?.get<Shutdown>(SHUTDOWN).on('finish-in-flight', 'test', work);
  }

  async stopGateway(): Promise<void> {
    await this.app?.close();
    this.app = undefined;
  }

  /** By which the gateway runs. */
  get config(): AgentGatewayConfig {
    return { ...this.settings, httpPort: this.port };
  }

  /** Where the gateway listens. */
  get url(): string {
    return `http://127.0.0.1:${this.config.httpPort}`;
  }

  /** Asks to be let in, as an agent does; `body` replaces parts of a good request. */
  enrol(body: object = {}): Promise<Response> {
    return fetch(`${this.url}/api/v1/agent/enrol`, {
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

  /** Shuts a host out, as `phoenix fleet revoke` does. */
  async revoke(host: string): Promise<void> {
    await new CommandHandler(new JetStreamEventStore(this.services), systemClock).handle(
      hostDecider,
      { tenant, aggregate: 'host', id: host as AggregateId },
      { type: 'RevokeHost', at: systemClock.iso(), reason: 'stolen' },
      { commandId: commandIdFrom('revoke', host), actor: { kind: 'user', id: 'u1' } },
    );
  }

  /** A counter of the gateway by its name and labels, as it is told to Prometheus; 0 when it is not there. */
  async counted(name: string, labels: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.config.httpPort}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`${name}{${labels}`));
    return Number(line?.split(' ').at(-1) ?? 0);
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

/** Repeats an assertion until it holds, or was looked at so often; the suite's own limit ends it too. */
export async function eventually(assertion: () => void | Promise<void>, looks = 400): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (attempt >= looks) throw error;
      await wait(50);
    }
  }
}
