import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostSubjects, type ApplyCollectors, type CollectorOrder } from '#lib/agent-protocol';
import { decodeWindowMessage, type WindowMessage } from '#lib/metering';
import { renderPipeline, type TemplateId } from '#lib/pipelines';
import { mintHostCreds, writePrivateFile, type Nats } from '#lib/platform';
import { repositoryRoot, resolveNatsServer, spawnService, startLeaf, type Leaf } from '#tools/embedded';
import { nodeFlags } from '#tools/house';
import type { HubParts } from './hub.js';

const TENANT = 'default';
const HOST = 'bench';
const INTERVAL_SECONDS = 10;
const ACCEPT_BUDGET_MS = 60_000;
const subjects = hostSubjects(TENANT, HOST);
const quiet = (): void => undefined;

/** A real agent behind a real leaf, with synthetic collectors; the bench plays the gateway. */
export interface AgentProcess {
  readonly pid: number;
  /** Hands an order for both variants over. @throws Error when the agent does not take it */
  order(): Promise<void>;
  windows(signal: AbortSignal): AsyncIterable<WindowMessage>;
}

/** Runs the work beside an agent whose collectors are the built `load/synthetic-collector`. */
export async function withAgent<T>(parts: HubParts, work: (agent: AgentProcess) => Promise<T>): Promise<T> {
  const leaf = await linkedLeaf(parts);
  const folder = join(parts.dir, 'agent');
  await mkdir(folder);
  const service = await spawnService({
    name: 'agent',
    command: process.execPath,
    args: [...nodeFlags('agent'), join(repositoryRoot(), 'dist', 'apps', 'agent', 'src', 'main.js'), 'run'],
    env: {
      PATH: process.env['PATH'],
      PHOENIX_AGENT_DIR: folder,
      PHOENIX_AGENT_HOST: HOST,
      PHOENIX_AGENT_TENANT: TENANT,
      PHOENIX_AGENT_NATS_URL: leaf.url,
      PHOENIX_AGENT_NATS_USER: leaf.user,
      PHOENIX_AGENT_NATS_PASSWORD_FILE: leaf.passwordFile,
      PHOENIX_OTELCOL: await syntheticCollector(parts.dir),
    },
    output: { file: join(parts.dir, 'agent.log') },
  });
  try {
    return await work({
      pid: service.pid,
      order: () => handOver(parts.nats),
      windows: (signal) => windowsOf(parts.nats, signal),
    });
  } catch (error) {
    const log = await readFile(join(parts.dir, 'agent.log'), 'utf8').catch(() => '');
    throw new Error(`${String(error)}; the agent said: ${log.slice(-2_000)}`, { cause: error });
  } finally {
    await service.stop(30_000);
    await leaf.stop();
  }
}

async function linkedLeaf({ dir, hub }: HubParts): Promise<Leaf> {
  const credsFile = join(dir, 'host.creds');
  const { creds } = await mintHostCreds(hub.security, { tenant: TENANT, host: HOST });
  await writePrivateFile(credsFile, creds);
  const leaf = await startLeaf({
    dir: join(dir, 'leaf'),
    natsServer: (await resolveNatsServer(quiet)).path,
    hubLeafUrl: hub.leafUrl,
    credsFile,
  });
  while (!(await leaf.isLinked())) await sleep(50);
  return leaf;
}

/** One file to execute, as an agent expects a collector to be. */
async function syntheticCollector(dir: string): Promise<string> {
  const program = join(repositoryRoot(), 'dist/tools/bench/src/load/synthetic-collector.js');
  const path = join(dir, 'synthetic-otelcol');
  await writeFile(path, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, { mode: 0o755 });
  return path;
}

async function handOver(nats: Nats): Promise<void> {
  const order: ApplyCollectors = {
    kind: 'ApplyCollectors',
    taskId: 'g1-bench',
    generation: 1,
    experimentId: 'bench',
    drain: true,
    criticalProcesses: [],
    collectors: [collector('baseline', 'baseline'), collector('candidate', 'aggregated')],
  };
  const answered = new AbortController();
  const sending = repeatUntil(answered.signal, () =>
    nats.send(subjects.task, Buffer.from(JSON.stringify(order))),
  );
  const budget = AbortSignal.timeout(ACCEPT_BUDGET_MS);
  try {
    for await (const reply of nats.subscribe(subjects.reply(order.taskId), { signal: budget })) {
      const { status } = JSON.parse(Buffer.from(reply.data).toString()) as { readonly status: string };
      if (status === 'accepted' || status === 'duplicate') return;
      throw new Error(`the agent answered the order with ${status}`);
    }
    throw new Error('the agent did not answer the order');
  } finally {
    answered.abort();
    await sending;
  }
}

async function repeatUntil(signal: AbortSignal, task: () => void): Promise<void> {
  while (!signal.aborted) {
    task();
    await sleep(200, undefined, { signal }).catch(quiet);
  }
}

function collector(variant: CollectorOrder['variant'], template: TemplateId): CollectorOrder {
  const rendered = renderPipeline({
    template,
    parameters: { intervalSeconds: INTERVAL_SECONDS },
    host: { id: HOST, labels: {} },
    criticalProcesses: [],
  });
  const role = variant === 'baseline' ? 'live' : 'shadow';
  return { variant, role, configHash: rendered.hash, rendered };
}

async function* windowsOf(nats: Nats, signal: AbortSignal): AsyncGenerator<WindowMessage> {
  for await (const { data } of nats.subscribe(subjects.metrics, { signal })) yield decodeWindowMessage(data);
}
