import type { KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDataSource, inTransaction, upsert, type Table } from '#lib/database';
import { streams, type TenantId } from '#lib/events';
import {
  applyTopology,
  createApp,
  EVENT_STORE,
  JWT_KEY,
  mintServiceCreds,
  signToken,
  systemClock,
  type EventStore,
  type Role,
} from '#lib/platform';
import { connectTestNats } from '#lib/platform-testing';
import { startTestParts } from '#tools/embedded';
import { CommandApiModule } from '../command-api.module.js';
import { configureCommandApi } from '../configure.js';
import { errorStatus } from '../error-status.js';

export const tenant = 'default' as TenantId;
export const adminPassword = 'a password for the tests';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, where it is JSON. */
  readonly body: Record<string, unknown>;
}

export interface RequestOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** `none` sends no token; an operator's by default. */
  readonly as?: Role | 'none';
  readonly tenant?: string;
}

/** command-api over real NATS and Postgres, on free ports; the test plays the projector by writing rows itself. */
export async function startCommandApi() {
  const parts = await startTestParts({ hub: true, postgres: true });
  const nats = await connectTestNats(parts.hub, parts.dir, 'test');
  await applyTopology(nats, streams);
  const db = await createDataSource(parts.postgres.url, { warn: () => undefined }).initialize();
  await db.synchronize();
  const secret = async (name: string, content: string): Promise<string> => {
    const path = join(parts.dir, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  };
  const config = {
    httpHost: '127.0.0.1',
    httpPort: 0,
    wsPort: 0,
    natsUrl: parts.hub.url,
    natsCreds: await secret(
      'command-api.creds',
      (await mintServiceCreds(parts.hub.security, 'command-api')).creds,
    ),
    databaseUrl: parts.postgres.url,
    jwtSecretFile: await secret('jwt.secret', 'a secret that is long enough for the tests'),
    logLevel: 'fatal',
    adminEmail: 'admin@phoenix.io',
    adminPasswordFile: await secret('admin.password', adminPassword),
  } as const;
  const startApp = async () => {
    const app = await createApp(CommandApiModule.forRoot(config), {
      port: 0,
      host: config.httpHost,
      errorStatuses: errorStatus,
      configure: (nest) => configureCommandApi(nest, config),
    });
    return { app, url: await app.getUrl() };
  };
  const { app, url } = await startApp();
  const key = app.get<KeyObject>(JWT_KEY);
  const replicas: (typeof app)[] = [];

  const token = (role: Role, of: string = tenant): string =>
    signToken({ actor: { kind: 'user', id: `the-${role}` }, tenant: of as TenantId, role }, key, {
      clock: systemClock,
      lifetimeSeconds: 600,
    });
  const callAt =
    (base: string) =>
    async (method: string, path: string, options: RequestOptions = {}): Promise<Answer> => {
      const { body, headers = {}, as = 'operator', tenant: of } = options;
      const response = await fetch(`${base}${path}`, {
        method,
        headers: {
          ...(as === 'none' ? {} : { authorization: `Bearer ${token(as, of)}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
      };
    };
  const call = callAt(url);
  return {
    url,
    app,
    nats,
    db,
    store: app.get<EventStore>(EVENT_STORE),
    token,
    call,
    /** Another command-api over the same parts, as a second replica has it. It ends with the first. */
    replica: async () => {
      const other = await startApp();
      replicas.push(other.app);
      return { app: other.app, call: callAt(other.url) };
    },
    /** Writes rows as the app that owns the table would. */
    given: <Row extends object>(table: Table<Row>, rows: readonly Row[]): Promise<void> =>
      inTransaction(db, (sql) => upsert(sql, table, rows, { existing: 'replace' })),
    stop: async (): Promise<void> => {
      await Promise.all([app, ...replicas].map((running) => running.close()));
      await db.destroy();
      await nats.drain();
      await parts.stop();
    },
  };
}
export type RunningApi = Awaited<ReturnType<typeof startCommandApi>>;
