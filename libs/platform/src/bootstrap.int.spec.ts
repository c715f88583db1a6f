import 'reflect-metadata';
import { Writable } from 'node:stream';
import { Body, Controller, Get, Inject, Module, Param, Post, type DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Type } from 'class-transformer';
import { IsInt, IsString, ValidateNested } from 'class-validator';
import { DomainError } from '#lib/domain-kernel';
import { position, streams, type CommandId, type TenantId } from '#lib/events';
import { mintServiceCreds } from './nats/credentials.js';
import { startTestParts } from '#tools/embedded';
import { writeFile } from 'node:fs/promises';
import { createApp, startFailure, type AppOptions } from './bootstrap.js';
import { AuthModule } from './auth/auth.module.js';
import { jwtKey, signToken } from './auth/jwt.js';
import { CurrentActor, type Principal } from './auth/principal.js';
import { Public } from './auth/public.js';
import { Roles, type Role } from './auth/roles.js';
import type { HandlesCommands } from './command-handler/command-handler.js';
import { StoreError } from './event-store/event-store.js';
import type { Health } from './health/health.js';
import { createLogger } from './logging/logger.js';
import type { Nats } from './nats/nats.js';
import { applyTopology, TopologyError } from './nats/topology.js';
import { PlatformModule } from './platform.module.js';
import { countingDecider } from './testing/counting-decider.js';
import { pipelineRef } from './testing/pipeline-commits.js';
import { TestClock } from './testing/test-clock.js';
import { connectTestNats } from './testing/test-nats.js';
import { COMMAND_HANDLER, HEALTH, NATS } from './tokens.js';

class PartDto {
  @IsInt()
  count!: number;
}
class CreateDto {
  @IsString()
  name!: string;
  @ValidateNested()
  @Type(() => PartDto)
  part!: PartDto;
}

@Controller('things')
class ThingsController {
  constructor(@Inject(COMMAND_HANDLER) private readonly commands: HandlesCommands) {}

  @Get('me')
  me(@CurrentActor() principal: Principal): Principal {
    return principal;
  }

  @Post()
  @Roles('admin', 'operator')
  async create(@Body() body: CreateDto, @CurrentActor() { actor, tenant }: Principal) {
    const ref = pipelineRef(body.name, tenant);
    const meta = { commandId: `create-${body.name}` as CommandId, actor };
    const { position: at, repeated } = await this.commands.handle(
      countingDecider,
      ref,
      { type: 'publish' },
      meta,
    );
    return { position: String(at), repeated };
  }

  @Public()
  @Get('fail/:how')
  fail(@Param('how') how: string): never {
    switch (how) {
      case 'refused':
        throw new DomainError('thing-locked', 'The thing is locked.', 'Unlock it.');
      case 'unlisted':
        throw new DomainError('no-such-status', 'secret inside');
      case 'store':
        throw new StoreError('unknown-outcome', 'secret inside');
      default:
        throw new Error('secret inside');
    }
  }
}

const key = jwtKey('a test secret of more than 32 bytes');
const clock = new TestClock();
const startParts = () => startTestParts({ hub: true });
let parts: Awaited<ReturnType<typeof startParts>>;
let credsFile: string;
let app: NestFastifyApplication;
let base: string;

const moduleOf = (): DynamicModule => {
  @Module({
    imports: [
      PlatformModule.forRoot({
        app: 'test',
        natsUrl: parts.hub.url,
        natsCredsFile: credsFile,
        logLevel: 'fatal',
        clock,
      }),
      AuthModule.forRoot(() => Promise.resolve(key)),
    ],
    controllers: [ThingsController],
  })
  class TestModule {}
  return { module: TestModule };
};
const options: AppOptions = {
  port: 0,
  host: '127.0.0.1',
  prefix: 'api/v1',
  bodyLimit: 2_000,
  errorStatuses: { 'thing-locked': 409 },
};

const tokenOf = (role: Role, lifetimeSeconds = 60): string =>
  signToken({ actor: { kind: 'user', id: 'ann' }, tenant: 'default' as TenantId, role }, key, {
    clock,
    lifetimeSeconds,
  });
const call = async (path: string, init: RequestInit & { token?: string } = {}) => {
  const headers = {
    'content-type': 'application/json',
    ...(init.token === undefined ? {} : { authorization: `Bearer ${init.token}` }),
  };
  const { headers: own, ...rest } = init;
  const response = await fetch(base + path, { ...rest, headers: { ...headers, ...(own as object) } });
  const body = await response.text();
  const json = (): Record<string, unknown> => JSON.parse(body) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body, json };
};
const post = (body: unknown, token = tokenOf('operator')) =>
  call('/api/v1/things', {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    token,
  });

beforeAll(async () => {
  parts = await startParts();
  credsFile = `${parts.dir}/app.creds`;
  await writeFile(credsFile, (await mintServiceCreds(parts.hub.security, 'app')).creds, { mode: 0o600 });
});

afterAll(() => parts.stop());

describe('the start of an app', () => {
  it('is refused on a hub without streams, in one line', async () => {
    const refusal = await createApp(moduleOf(), options).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(TopologyError);
    expect(startFailure(refusal)).toEqual({
      code: 69,
      line: expect.stringMatching(/^TopologyError: stream-missing: EVENTS.*npm run migrate`\.$/) as string,
    });
  });
});

describe('an app', () => {
  beforeAll(async () => {
    const nats = await connectTestNats(parts.hub, parts.dir);
    await applyTopology(nats, streams);
    await nats.drain();
    app = await createApp(moduleOf(), options);
    base = await app.getUrl();
  });

  afterAll(() => app.close());

  it('says in one line that its port is taken', async () => {
    const port = Number(new URL(base).port);
    const refusal = await createApp(moduleOf(), { ...options, port }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(startFailure(refusal)).toEqual({
      code: 69,
      line: `port ${port} is taken; choose another or stop what listens there`,
    });
  });

  it('answers probes and scrapes at the root without a token', async () => {
    expect((await call('/health/live')).json()).toEqual({ live: true });
    for (const path of ['/health/ready', '/health']) {
      const { status, json } = await call(path);
      expect([status, json()]).toEqual([200, { ready: true, checks: [{ name: 'nats', ok: true }] }]);
    }
    expect((await call('/metrics')).body).toContain('process_cpu_seconds_total{app="test"}');
  });

  it('is not ready while a part is not, and says which and why', async () => {
    let reason: string | undefined = 'lag 5000';
    app.get<Health>(HEALTH).register('projection', () => reason);
    const red = await call('/health/ready');
    expect([red.status, red.json()['checks']]).toEqual([
      503,
      [
        { name: 'nats', ok: true },
        { name: 'projection', ok: false, reason: 'lag 5000' },
      ],
    ]);
    reason = undefined;
    expect((await call('/health/ready')).status).toBe(200);
  });

  it('closes every route to callers without a valid token', async () => {
    const closed = await call('/api/v1/things/me');
    expect(closed.status).toBe(401);
    expect(closed.headers.get('www-authenticate')).toBe('Bearer');
    expect(closed.headers.get('content-type')).toContain('application/problem+json');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const [, claims = '', signature = ''] = tokenOf('admin').split('.');
    const foreign = signToken(
      { actor: { kind: 'user', id: 'eve' }, tenant: 'default' as TenantId, role: 'admin' },
      jwtKey('another secret, also of more than 32 bytes'),
      { clock, lifetimeSeconds: 60 },
    );
    const forged = [`${none}.${claims}.`, `${none}.${claims}.${signature}`, foreign, 'x.y.z'];
    for (const token of forged) expect((await call('/api/v1/things/me', { token })).status).toBe(401);
  });

  it('knows the caller until the token expires, by the injected clock', async () => {
    const token = tokenOf('viewer', 60);
    expect((await call('/api/v1/things/me', { token })).json()).toEqual({
      actor: { kind: 'user', id: 'ann' },
      tenant: 'default',
      role: 'viewer',
    });
    await clock.advance(60_000);
    expect((await call('/api/v1/things/me', { token })).json()).toMatchObject({ code: 'unauthenticated' });
  });

  it('lets only the named roles in', async () => {
    const refused = await post({ name: 'a', part: { count: 1 } }, tokenOf('viewer'));
    expect([refused.status, refused.json()['code']]).toEqual([403, 'forbidden']);
  });

  it('runs a command through the store and counts it', async () => {
    const first = await post({ name: 'thing-1', part: { count: 1 } });
    expect([first.status, first.json()]).toEqual([201, { position: '1', repeated: false }]);
    expect((await post({ name: 'thing-1', part: { count: 1 } })).json()).toEqual({
      position: '1',
      repeated: true,
    });
    const metrics = (await call('/metrics')).body;
    expect(metrics).toContain('phoenix_commands_total{aggregate="pipeline",outcome="stored",app="test"} 1');
    expect(metrics).toContain('phoenix_commands_total{aggregate="pipeline",outcome="repeated",app="test"} 1');
    expect(metrics).toContain('phoenix_append_seconds_count{app="test",outcome="stored"} 1');
  });

  it('names every field that is missing, unknown or malformed', async () => {
    const { status, json } = await post({ part: { count: 'x', more: 1 }, extra: true });
    expect([status, json()['code']]).toEqual([400, 'validation-failed']);
    const fields = (json()['errors'] as { field: string }[]).map(({ field }) => field);
    expect(fields.toSorted()).toEqual(['extra', 'name', 'part.count', 'part.more']);
  });

  it('refuses a body that is too large, no JSON, or of another kind, without quoting it', async () => {
    const large = await post({ name: 'x'.repeat(3_000), part: { count: 1 } });
    expect([large.status, large.json()['code']]).toEqual([413, 'body-too-large']);
    const broken = await post('{"secret');
    expect([broken.status, broken.json()['code']]).toEqual([400, 'bad-request']);
    expect(broken.body).not.toContain('secret');
    const form = await call('/api/v1/things', {
      method: 'POST',
      body: '<a/>',
      token: tokenOf('admin'),
      headers: { 'content-type': 'application/xml' },
    });
    expect([form.status, form.json()['code']]).toEqual([415, 'unsupported-media-type']);
  });

  it('tells what the rules refused and what can be done', async () => {
    expect((await call('/api/v1/things/fail/refused')).json()).toEqual({
      type: 'urn:phoenix:problem:thing-locked',
      status: 409,
      title: 'Conflict',
      code: 'thing-locked',
      detail: 'The thing is locked.',
      hint: 'Unlock it.',
      instance: expect.stringMatching(/^urn:phoenix:request:/) as string,
    });
  });

  it('never tells what went wrong inside', async () => {
    const expected = {
      unlisted: [500, 'internal'],
      store: [503, 'unknown-outcome'],
      other: [500, 'internal'],
    };
    for (const [how, [status, code]] of Object.entries(expected)) {
      const answer = await call(`/api/v1/things/fail/${how}`);
      expect([answer.status, answer.json()['code']]).toEqual([status, code]);
      expect(answer.body).not.toContain('secret');
    }
    const missing = await call('/api/v1/nothing');
    expect([missing.status, missing.json()['code']]).toEqual([404, 'not-found']);
  });

  it('ends in order: it closes its door, finishes what runs, and leaves the bus', async () => {
    const ending = await createApp(moduleOf(), options);
    const url = await ending.getUrl();
    const commands = ending.get<HandlesCommands>(COMMAND_HANDLER);
    const nats = ending.get<Nats>(NATS);
    const running = commands.handle(
      countingDecider,
      pipelineRef('at-the-end'),
      { type: 'publish' },
      { commandId: 'at-the-end' as CommandId, actor: { kind: 'user', id: 'ann' } },
    );
    await ending.close();
    expect((await running).position).toBeGreaterThan(position(0));
    expect(nats.connection.isClosed()).toBe(true);
    await expect(fetch(`${url}/health/live`)).rejects.toThrow('fetch failed');
  });
});

describe('the log', () => {
  it('is one JSON object a line, without secrets', () => {
    const lines: string[] = [];
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        lines.push(chunk.toString());
        done();
      },
    });
    createLogger({ app: 'test', level: 'info' }, sink).info(
      { password: 'hunter2', user: { token: 'hunter2' } },
      'in',
    );
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ app: 'test', level: 'info', msg: 'in' });
    expect(lines[0]).not.toContain('hunter2');
  });
});
