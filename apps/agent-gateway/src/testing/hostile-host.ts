import { join } from 'node:path';
import {
  headers as createHeaders,
  connect,
  credsAuthenticator,
  type NatsConnection,
} from '@nats-io/transport-node';
import { hostSubjects, OUTBOX_HEADERS, type EnrolResponse } from '#lib/agent-protocol';
import type { HostId } from '#lib/events';
import { readKeyFile, systemClock, writePrivateFile } from '#lib/platform';
import { resolveNatsServer, startLeaf } from '#tools/embedded';
import { eventually, tenant, type GatewayHouse } from './gateway-house.js';

/** How a host reaches the hub. */
export type Door = 'direct' | 'leaf';

/** What a message is sent with beyond its body. */
export interface Extras {
  readonly headers?: Readonly<Record<string, string>>;
  readonly reply?: string;
}

/** A host whose credential is real and whose program is not ours: it sends and asks for whatever it likes. */
export class HostileHost {
  /** What the server told it that it may not do. */
  readonly violations: string[] = [];
  private lost = false;

  private constructor(
    readonly id: HostId,
    readonly connection: NatsConnection,
    private readonly leave: () => Promise<unknown>,
    private readonly isLinked: () => Promise<boolean>,
  ) {
    void this.listen();
  }

  static async connect(
    house: GatewayHouse,
    { host, creds }: EnrolResponse,
    door: Door,
  ): Promise<HostileHost> {
    const { inboxPrefix } = hostSubjects(tenant, host);
    if (door === 'direct') {
      const authenticator = credsAuthenticator(new TextEncoder().encode(creds));
      const connection = await connect({ servers: house.config.natsUrl, authenticator, inboxPrefix });
      const leave = () => connection.close();
      return new HostileHost(host as HostId, connection, leave, () => Promise.resolve(true));
    }
    const credsFile = join(house.parts.dir, `${host}-leaf.creds`);
    await writePrivateFile(credsFile, creds);
    const leaf = await startLeaf({
      dir: join(house.parts.dir, `leaf-${host}`),
      natsServer: (await resolveNatsServer(() => undefined)).path,
      hubLeafUrl: house.parts.hub.leafUrl,
      credsFile,
    });
    await eventually(async () => expect(await leaf.isLinked()).toBe(true));
    const pass = await readKeyFile(leaf.passwordFile);
    const connection = await connect({ servers: leaf.url, user: leaf.user, pass, inboxPrefix });
    const leave = async () => {
      await connection.close();
      await leaf.stop();
    };
    return new HostileHost(host as HostId, connection, leave, () => leaf.isLinked());
  }

  get subjects() {
    return hostSubjects(tenant, this.id);
  }

  /** Sends; whether it arrives is for the servers to decide. */
  send(subject: string, body: string | Uint8Array, { headers = {}, reply }: Extras = {}): void {
    const built = createHeaders();
    for (const [name, value] of Object.entries(headers)) built.set(name, value);
    this.connection.publish(subject, body, { headers: built, ...(reply === undefined ? {} : { reply }) });
  }

  /** A report with a place in an outbox. */
  report(body: string | Uint8Array, n: number | string, epoch = 'e1', kind = 'attempt'): void {
    const headers = { [OUTBOX_HEADERS.epoch]: epoch, [OUTBOX_HEADERS.n]: String(n) };
    this.send(this.subjects.uplink(kind), body, { headers });
  }

  /** Lives as an honest host does, for once. */
  beat(): void {
    const life = { host: this.id, bootId: 'b1', agentVersion: '0.1.0', at: systemClock.iso(), generation: 0 };
    const vitals = { agent: { cpuPercent: 0.4, rssBytes: 60e6 }, outbox: { results: 0, metrics: 0 } };
    this.send(this.subjects.heartbeat, JSON.stringify({ ...life, ...vitals, collectors: [] }));
  }

  /** True when nobody answered: what was asked for is out of reach. */
  async isRefused(subject: string, body = ''): Promise<boolean> {
    try {
      await this.connection.request(subject, body, { timeout: 1_000 });
      return false;
    } catch {
      return true;
    }
  }

  /** Why the hub does not store its report; undefined when it does, or does not answer. */
  async refusalOf(kind: string): Promise<string | undefined> {
    const answer = await this.connection.request(this.subjects.uplink(kind), 'x', { timeout: 5_000 });
    return answer.json<{ error?: { description?: string } }>().error?.description;
  }

  /** True once the hub has closed the connection, or the link of the leaf, and does not take it back. */
  async isCut(): Promise<boolean> {
    return this.lost || !(await this.isLinked());
  }

  /** Subscribes, and collects what it is not meant to hear. */
  spy(subject: string): readonly string[] {
    const heard: string[] = [];
    this.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) heard.push(`${message.subject} ${message.string()}`);
      },
    });
    return heard;
  }

  stop(): Promise<unknown> {
    return this.leave();
  }

  private async listen(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'error') this.violations.push(status.error.message);
      if (status.type === 'disconnect' || status.type === 'close') this.lost = true;
      if (status.type === 'reconnect') this.lost = false;
    }
    this.lost = true;
  }
}
