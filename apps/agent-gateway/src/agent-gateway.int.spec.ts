import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  applyCollectorsSchema,
  hostSubjects,
  OUTBOX_HEADERS,
  type ApplyCollectors,
  type Attempt,
  type EnrolResponse,
  type HandOverReply,
} from '#lib/agent-protocol';
import { createDataSource, enrolmentToken, hostAttempt, hostPresence } from '#lib/database';
import { experimentDecider, type ExperimentCommand, type ExperimentState } from '#lib/domain';
import {
  streams,
  type AggregateId,
  type ExperimentEvent,
  type ExperimentSpec,
  type HostId,
  type TenantId,
} from '#lib/events';
import {
  applyTopology,
  CommandHandler,
  commandIdFrom,
  connectNats,
  createApp,
  JetStreamEventStore,
  mintServiceCreds,
  systemClock,
  type Nats,
} from '#lib/platform';
import { freePort, startTestParts, type TestParts } from '#tools/embedded';
import type { AgentGatewayConfig } from './agent-gateway.config.js';
import { AgentGatewayModule } from './agent-gateway.module.js';
import { enrolmentStatuses, hashOf } from './enrolment/enrolment.service.js';
import { listenToHosts } from './host-transport.js';

const tenant = 'acme' as TenantId;
const token = 'token-of-the-test';
const inventory = {
  os: 'linux',
  kernel: '6.1',
  arch: 'x64',
  cpus: 2,
  memoryBytes: 8e9,
  collector: { kind: 'otelcol', version: '0.149.0' },
} as const;

let parts: TestParts<{ hub: true; postgres: true }>;
let config: AgentGatewayConfig;
let app: NestFastifyApplication;
let services: Nats;
let store: JetStreamEventStore;
let commands: CommandHandler;
let source: ReturnType<typeof createDataSource>;
const quiet = { warn: () => undefined };

const startGateway = () =>
  createApp(AgentGatewayModule.forRoot(config), {
    port: config.httpPort,
    host: '127.0.0.1',
    prefix: 'api/v1',
    errorStatuses: enrolmentStatuses,
    configure: (built) => listenToHosts(built, config),
  });

const enrol = (body: object) =>
  fetch(`http://127.0.0.1:${config.httpPort}/api/v1/agent/enrol`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      protocol: 1,
      token,
      hostname: 'web-1',
      agentVersion: '0.1.0',
      inventory,
      ...body,
    }),
  });

beforeAll(async () => {
  parts = await startTestParts({ hub: true, postgres: true });
  const credsFile = join(parts.dir, 'gateway.creds');
  await writeFile(credsFile, (await mintServiceCreds(parts.hub.security, 'agent-gateway')).creds);
  services = await connectNats({ url: parts.hub.url, name: 'test', credsFile });
  await applyTopology(services, streams);
  source = await createDataSource(parts.postgres.url, quiet).initialize();
  await source.synchronize();
  config = {
    httpHost: '127.0.0.1',
    httpPort: await freePort(),
    natsUrl: parts.hub.url,
    natsCreds: credsFile,
    databaseUrl: parts.postgres.url,
    logLevel: 'fatal',
    signingDirectory: parts.hub.security.directory,
    leafUrl: parts.hub.leafUrl,
  };
  store = new JetStreamEventStore(services);
  commands = new CommandHandler(store, systemClock);
  await source.getRepository(enrolmentToken).insert({
    id: 'tok1',
    tenant,
    tokenHash: hashOf(token),
    labels: { role: 'web' },
    site: null,
    maxUses: 1,
    expiresAt: '2999-01-01T00:00:00.000Z',
    createdAt: systemClock.iso(),
    createdBy: 'test',
    revokedAt: null,
  });
  app = await startGateway();
}, 120_000);

afterAll(async () => {
  await app.close();
  await source.destroy();
  await services.drain();
  await parts.stop();
});

/** A host played by the test: it speaks the protocol with its own credential. */
class PlayedHost {
  readonly orders: ApplyCollectors[] = [];
  accepting = true;
  private readonly leaving = new AbortController();
  private n = 0;

  private constructor(
    readonly id: HostId,
    private readonly nats: Nats,
  ) {}

  static async connect({ host, creds }: EnrolResponse): Promise<PlayedHost> {
    const credsFile = join(parts.dir, `${host}.creds`);
    await writeFile(credsFile, creds);
    const nats = await connectNats({
      url: parts.hub.url,
      name: host,
      credsFile,
      inboxPrefix: hostSubjects(tenant, host).inboxPrefix,
    });
    const played = new PlayedHost(host as HostId, nats);
    void played.takeOrders();
    return played;
  }

  get subjects() {
    return hostSubjects(tenant, this.id);
  }

  beat(generation = 0, name: string = this.id): void {
    const agent = { cpuPercent: 0.4, rssBytes: 60e6 };
    const life = { host: name, bootId: 'b1', agentVersion: '0.1.0', at: systemClock.iso(), generation };
    this.say(this.subjects.hello, { ...life, protocol: 1, epoch: 'e1' });
    this.say(this.subjects.heartbeat, { ...life, agent, outbox: { results: 0, metrics: 0 }, collectors: [] });
  }

  async report(order: ApplyCollectors, stage: Attempt['stage'], again = false): Promise<void> {
    if (!again) this.n += 1;
    const collectors = order.collectors.map(({ variant, configHash }) => ({ variant, configHash }));
    const { generation, taskId } = order;
    const attempt: Attempt = {
      kind: 'attempt',
      at: systemClock.iso(),
      generation,
      taskId,
      stage,
      collectors,
    };
    await this.nats.publisher.publish(this.subjects.uplink('attempt'), bytes(attempt), {
      headers: { [OUTBOX_HEADERS.epoch]: 'e1', [OUTBOX_HEADERS.n]: String(this.n) },
    });
  }

  stop(): Promise<void> {
    this.leaving.abort();
    return this.nats.drain();
  }

  private say(subject: string, body: unknown): void {
    this.nats.send(subject, bytes(body));
  }

  private async takeOrders(): Promise<void> {
    for await (const message of this.nats.subscribe(this.subjects.task, { signal: this.leaving.signal })) {
      const order = applyCollectorsSchema.parse(JSON.parse(new TextDecoder().decode(message.data)));
      this.orders.push(order);
      const reply: HandOverReply = { taskId: order.taskId, status: 'accepted' };
      if (this.accepting) this.say(message.reply!, reply);
    }
  }
}

/** Repeats an assertion until it holds; the suite's own limit ends it. */
async function eventually(assertion: () => void | Promise<void>): Promise<void> {
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

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const spec: ExperimentSpec = {
  name: 'top ten',
  baseline: { kind: 'template', template: 'baseline', parameters: {} },
  candidate: { kind: 'template', template: 'topk', parameters: { k: 10 } },
  targets: {},
  schedule: { warmupSeconds: 10, minimumSeconds: 60, maximumSeconds: 60, deploySeconds: 60 },
  criticalProcesses: ['nginx'],
  guardrails: [],
  success: { kpi: 'activeSeries', minimumReduction: 0.2 },
  confidence: 0.95,
  tariff: 'grafana-cloud-pro',
};

const experiment = (id: string) => ({ tenant, aggregate: 'experiment', id: id as AggregateId }) as const;
const tell = (id: string, command: ExperimentCommand) =>
  commands.handle(experimentDecider, experiment(id), command, {
    commandId: commandIdFrom(randomUUID()),
    actor: { kind: 'user', id: 'u1' },
  });
const eventsOfHost = async (id: HostId) =>
  (await store.load({ tenant, aggregate: 'host', id: id as string as AggregateId })).flatMap((c) =>
    c.events.map((event) => event.type),
  );
const phaseOf = async (id: string) =>
  (await store.load(experiment(id)))
    .flatMap((c) => c.events as readonly ExperimentEvent[])
    .reduce<ExperimentState>((s, e) => experimentDecider.evolve(s, e), experimentDecider.initialState())
    .phase;

describe('the agents’ door', () => {
  let host: PlayedHost;
  let answer: EnrolResponse;

  it('lets a host in by its token and gives it a credential of its own', async () => {
    const response = await enrol({});
    expect(response.status).toBe(200);
    answer = (await response.json()) as EnrolResponse;
    expect(answer).toMatchObject({ tenant, leafUrl: parts.hub.leafUrl });
    expect(await eventsOfHost(answer.host as HostId)).toEqual(['HostEnrolled']);
  });

  it('answers a repeated enrolment with a new credential for the same host, without a second use', async () => {
    const again = (await (await enrol({})).json()) as EnrolResponse;
    expect(again.host).toBe(answer.host);
    expect(again.creds).not.toBe(answer.creds);
    expect(await eventsOfHost(answer.host as HostId)).toEqual(['HostEnrolled', 'HostCredentialRotated']);
    answer = again;
  });

  it.each([
    ['an unknown token', { token: 'made-up-token' }, 403, 'token-unknown'],
    ['a token that is used up', { hostname: 'web-2' }, 403, 'token-used-up'],
    ['another protocol', { protocol: 99 }, 422, 'protocol-unsupported'],
    ['a body that is none', { inventory: { cpus: 'many' } }, 400, 'invalid-enrolment'],
  ])('refuses %s', async (_case, body, status, code) => {
    const response = await enrol(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, code });
  });

  it('calls a host online at its first heartbeat, once', async () => {
    host = await PlayedHost.connect(answer);
    await eventually(async () => {
      host.beat();
      expect(await source.getRepository(hostPresence).countBy({ host: host.id })).toBe(1);
    });
    const types = await eventsOfHost(host.id);
    expect(types.filter((type) => type === 'HostCameOnline')).toHaveLength(1);
  });

  it('orders both variants when an experiment starts, and repeats an order that got no answer', async () => {
    host.accepting = false;
    const at = systemClock.iso();
    await tell('e1', { type: 'DraftExperiment', at, spec });
    const baseline = { template: 'baseline', parameters: {} };
    const candidate = { template: 'topk', parameters: { k: 10 } };
    await tell('e1', { type: 'StartExperiment', at, hosts: [host.id], baseline, candidate });
    await eventually(() => expect(host.orders.length).toBeGreaterThanOrEqual(2));
    host.accepting = true;
    expect(new Set(host.orders.map(({ taskId }) => taskId)).size).toBe(1);
    expect(host.orders[0]).toMatchObject({
      generation: 1,
      experimentId: 'e1',
      criticalProcesses: ['nginx'],
      collectors: [
        { variant: 'baseline', role: 'live', rendered: { templateId: 'baseline' } },
        { variant: 'candidate', role: 'shadow', rendered: { templateId: 'topk' } },
      ],
    });
  });

  it('keeps every stage of the order in the ledger and takes a repeated report once', async () => {
    const [order] = host.orders;
    for (const stage of ['received', 'validated', 'applying', 'effective'] as const)
      await host.report(order!, stage);
    await host.report(order!, 'effective', true);
    await eventually(async () => {
      const rows = await source
        .getRepository(hostAttempt)
        .findBy({ host: host.id, experimentId: 'e1' as AggregateId });
      expect(rows.map(({ stage }) => stage).sort()).toEqual(
        ['applying', 'effective', 'offered', 'received', 'validated'].sort(),
      );
    });
    const applied = (await eventsOfHost(host.id)).filter((type) => type === 'HostConfigurationApplied');
    expect(applied).toHaveLength(1);
  });

  it('gives the newest order again to a host that says hello with less, also after a restart of the gateway', async () => {
    await app.close();
    app = await startGateway();
    const before = host.orders.length;
    await eventually(() => {
      host.beat(0);
      expect(host.orders.length).toBeGreaterThan(before);
    });
    expect(host.orders.at(-1)?.generation).toBe(1);
    const offered = await source.getRepository(hostAttempt).countBy({ host: host.id, stage: 'offered' });
    expect(offered).toBeGreaterThanOrEqual(1);
  });

  it('ends a stop only when the host runs the baseline alone', async () => {
    host.beat(1);
    await tell('e1', { type: 'StopExperiment', at: systemClock.iso(), reason: 'enough' });
    await eventually(() => expect(host.orders.at(-1)?.generation).toBe(2));
    const order = host.orders.at(-1)!;
    expect(order.collectors.map(({ variant, role }) => `${variant} ${role}`)).toEqual(['baseline live']);
    expect(await phaseOf('e1')).toBe('stopping');
    await host.report(order, 'effective');
    await eventually(async () => expect(await phaseOf('e1')).toBe('stopped'));
  });

  it('does not believe a heartbeat that names another host', async () => {
    const before = await source.getRepository(hostPresence).findOneByOrFail({ host: host.id });
    host.beat(1, 'victim');
    await eventually(async () => {
      host.beat(1);
      const now = await source.getRepository(hostPresence).findOneByOrFail({ host: host.id });
      expect(now.lastHeartbeatAt > before.lastHeartbeatAt).toBe(true);
    });
    expect(await source.getRepository(hostPresence).count()).toBe(1);
    await host.stop();
  });
});
