import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  hostSubjects,
  limitsOf,
  type ApplyCollectors,
  type Attempt,
  type CollectorOrder,
  type DownTask,
  type HandOverReply,
  type Heartbeat,
  type Hello,
  type TaskResult,
  type UplinkMessage,
} from '#lib/agent-protocol';
import { streams } from '#lib/events';
import { decodeWindowMessage, type WindowMessage } from '#lib/metering';
import { renderPipeline, type ParameterInput, type TemplateId } from '#lib/pipelines';
import {
  applyTopology,
  connectNats,
  mintHostCreds,
  mintServiceCreds,
  writePrivateFile,
  type Nats,
} from '#lib/platform';
import {
  repositoryRoot,
  resolveCollector,
  resolveNatsServer,
  spawnService,
  startLeaf,
  startTestParts,
  type Leaf,
  type LeafOptions,
  type Service,
  type TestParts,
} from '#tools/embedded';
import { runningInstances } from '../collectors/survivors.js';
import type { ProcessIdentity } from '../machine/proc.js';

export const TENANT = 'acme';
export const HOST = 'h1';
const subjects = hostSubjects(TENANT, HOST);

function builtAgent(): string {
  return join(repositoryRoot(), 'dist', 'apps', 'agent', 'src', 'main.js');
}

/** Waits for a condition; the bound only ends a loop that would outlive a failed test. */
export async function until<T>(find: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let tries = 0; tries < 1000; tries++) {
    const found = await find();
    if (found !== undefined) return found;
    await sleep(100);
  }
  throw new Error(`never came true: ${find.toString()}`);
}

/** A template as an order for this host. */
export function collectorOrder(
  variant: 'baseline' | 'candidate',
  template: TemplateId,
  options: {
    readonly role?: 'live' | 'shadow';
    readonly parameters?: ParameterInput;
    readonly critical?: readonly string[];
    readonly limits?: Parameters<typeof limitsOf>[0];
  } = {},
): CollectorOrder {
  const rendered = renderPipeline({
    template,
    parameters: { intervalSeconds: 1, ...options.parameters },
    host: { id: HOST, labels: {} },
    criticalProcesses: options.critical ?? [],
  });
  return {
    variant,
    role: options.role ?? (variant === 'baseline' ? 'live' : 'shadow'),
    configHash: rendered.hash,
    rendered,
    ...(options.limits && { limits: limitsOf(options.limits) }),
  };
}

export function applyOrder(generation: number, collectors: readonly CollectorOrder[]): ApplyCollectors {
  return {
    ...{
      kind: 'ApplyCollectors',
      taskId: `g${generation}-test`,
      generation,
      experimentId: 'e1',
      drain: true,
    },
    ...{ criticalProcesses: [], collectors: [...collectors] },
  };
}

/** A real hub, leaf and agent process, and a gateway played by the test. */
export class AgentHouse {
  readonly agentFolder: string;
  readonly collectorsFolder: string;
  private readonly agents: Service[] = [];
  private agentCount = 0;

  private constructor(
    readonly parts: TestParts<{ hub: true }>,
    readonly nats: Nats,
    private leaf: Leaf,
    private readonly leafOptions: LeafOptions,
    readonly otelcol: string,
  ) {
    this.agentFolder = join(parts.dir, 'agent');
    this.collectorsFolder = join(this.agentFolder, 'collectors');
  }

  static async open(): Promise<AgentHouse> {
    const collector = await resolveCollector(() => undefined);
    if (collector.kind === 'none') throw new Error(collector.reason);
    const parts = await startTestParts({ hub: true });
    const { creds } = await mintServiceCreds(parts.hub.security, 'gateway');
    const credsFile = join(parts.dir, 'gateway.creds');
    await writePrivateFile(credsFile, creds);
    const nats = await connectNats({ url: parts.hub.url, name: 'gateway', credsFile });
    await applyTopology(nats, streams);
    const host = await mintHostCreds(parts.hub.security, { tenant: TENANT, host: HOST });
    const hostCredsFile = join(parts.dir, 'host.creds');
    await writePrivateFile(hostCredsFile, host.creds);
    const leafOptions = {
      dir: join(parts.dir, 'leaf'),
      natsServer: (await resolveNatsServer(() => undefined)).path,
      hubLeafUrl: parts.hub.leafUrl,
      credsFile: hostCredsFile,
    };
    const leaf = await startLeaf(leafOptions);
    await until(async () => ((await leaf.isLinked()) ? true : undefined));
    return new AgentHouse(parts, nats, leaf, leafOptions, collector.part.path);
  }

  /** Kills the leaf: the host is cut off until `restoreLink`. */
  async cutLink(): Promise<void> {
    await this.leaf.kill();
  }

  /** Starts the leaf again where it was. */
  async restoreLink(): Promise<void> {
    this.leaf = await startLeaf({ ...this.leafOptions, port: this.leaf.port });
    await until(async () => ((await this.leaf.isLinked()) ? true : undefined));
  }

  /** @param main another text of the agent's program than the one of the last build */
  async startAgent(
    environment: Readonly<Record<string, string>> = {},
    main = builtAgent(),
  ): Promise<Service> {
    if (!existsSync(main)) throw new Error('build the agent first: npm run build');
    await mkdir(this.agentFolder, { recursive: true });
    const agent = await spawnService({
      name: 'agent',
      command: process.execPath,
      args: [main, 'run'],
      output: { file: join(this.parts.dir, `agent-${this.agentCount++}.log`) },
      env: { PATH: '/usr/bin:/bin', ...this.environment(), ...environment },
    });
    return this.use(agent);
  }

  environment(): Readonly<Record<string, string>> {
    return {
      PHOENIX_AGENT_DIR: this.agentFolder,
      PHOENIX_AGENT_HOST: HOST,
      PHOENIX_AGENT_TENANT: TENANT,
      PHOENIX_AGENT_NATS_URL: this.leaf.url,
      PHOENIX_AGENT_NATS_USER: this.leaf.user,
      PHOENIX_AGENT_NATS_PASSWORD_FILE: this.leaf.passwordFile,
      PHOENIX_OTELCOL: this.otelcol,
    };
  }

  /** `kill -9` of the leaf. */
  killLeaf(): Promise<unknown> {
    return this.leaf.kill();
  }

  /** `close` stops every agent that was ever named here. */
  use(agent: Service): Service {
    this.agents.push(agent);
    return agent;
  }

  async close(): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.stop(30_000)));
    await this.nats.drain();
    await this.leaf.stop();
    await this.parts.stop();
  }

  /** Hands a task over as the gateway does: again and again until the agent has answered. */
  async handOver(task: DownTask): Promise<HandOverReply> {
    const { connection } = this.nats;
    const replies = connection.subscribe(subjects.reply(task.taskId));
    let reply: HandOverReply | undefined;
    void (async () => {
      for await (const message of replies) reply ??= message.json();
    })();
    const answer = await until(async () => {
      connection.publish(subjects.task, JSON.stringify(task));
      await sleep(200);
      return reply;
    });
    replies.unsubscribe();
    return answer;
  }

  /** All that the agent reported, in the order in which it was stored. */
  async uplink(): Promise<readonly UplinkMessage[]> {
    return (await this.stored('UPLINK')).map(
      ({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)) as UplinkMessage,
    );
  }

  async attempts(generation: number): Promise<readonly Attempt[]> {
    const all = (await this.uplink()).filter((message) => message.kind === 'attempt');
    return all.filter((attempt) => attempt.generation === generation);
  }

  /** The end of an order's way. */
  async reached(generation: number, stage: Attempt['stage']): Promise<Attempt> {
    return until(async () => (await this.attempts(generation)).find((attempt) => attempt.stage === stage));
  }

  /** How a one-shot task ended. */
  async result(taskId: string): Promise<TaskResult> {
    return until(async () =>
      (await this.uplink())
        .filter((message) => message.kind === 'task-result')
        .find((result) => result.taskId === taskId),
    );
  }

  async windows(): Promise<readonly WindowMessage[]> {
    return (await this.stored('METRICS')).map(({ bytes }) => decodeWindowMessage(bytes));
  }

  async stored(
    stream: 'UPLINK' | 'METRICS',
  ): Promise<readonly { readonly bytes: Uint8Array; readonly header: (name: string) => string }[]> {
    const { streams: api } = await this.nats.manager();
    const { state } = await api.info(stream);
    const messages = [];
    for (let seq = state.first_seq; seq <= state.last_seq && seq > 0; seq++) {
      const message = await api.getMessage(stream, { seq });
      if (message !== null)
        messages.push({ bytes: message.data, header: (name: string) => message.header.get(name) });
    }
    return messages;
  }

  /** Ask before the agent starts: it says hello once for each connection. */
  async nextHello(): Promise<Hello> {
    for await (const message of this.nats.connection.subscribe(subjects.hello, { max: 1 }))
      return message.json();
    throw new Error('no hello');
  }

  async nextHeartbeat(): Promise<Heartbeat> {
    for await (const message of this.nats.connection.subscribe(subjects.heartbeat, { max: 1 }))
      return message.json();
    throw new Error('no heartbeat');
  }

  /** The collector processes of this agent, by instance. */
  collectors(): ReadonlyMap<string, ProcessIdentity> {
    const all = runningInstances(this.collectorsFolder);
    return new Map([...all].filter(([instance]) => !instance.startsWith('validate-')));
  }

  /** Makes a folder in the test's folder. */
  async folder(name: string): Promise<string> {
    const path = join(this.parts.dir, name);
    await mkdir(path, { recursive: true });
    return path;
  }

  /** Puts a file into the test's folder. */
  async file(name: string, content: string, mode = 0o600): Promise<string> {
    const path = join(this.parts.dir, name);
    await writeFile(path, content, { mode });
    return path;
  }
}
