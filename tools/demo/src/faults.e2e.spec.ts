import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  PhoenixClient,
  type Accepted,
  type ExperimentAnswer,
  type HostAnswer,
  type KpiAnswer,
  type PageAnswer,
} from '#lib/client';
import { decodeCommit, NO_POSITION, type StoredCommit } from '#lib/events';
import { connectNats, JetStreamEventStore } from '#lib/platform';
import { appNames, startHouse, type House } from '#tools/house';
import { criticalProcesses, startDemoProcesses, type DemoProcesses } from './processes.js';
import { until } from './testing/until.js';

const MINUTES = 60_000;
const MEASURED_SECONDS = 210;
const WINDOW_SECONDS = 10;

interface HostWithPresence extends HostAnswer {
  readonly presence: {
    readonly collectors: readonly { readonly variant: string; readonly pid: number }[];
  } | null;
}

let folder: string;
let processes: DemoProcesses;
let house: House;
let client: PhoenixClient;
let id: string;
let hostId: string;
const accepted: string[] = [];

const experiment = () => client.get<ExperimentAnswer>(`/experiments/${id}`);
const windowsNow = async () => (await client.get<KpiAnswer>(`/experiments/${id}/kpis`)).windows;

/** Asks again through restarts of command-api: a refused connection is no answer. */
const patiently = async <T>(ask: () => Promise<T>): Promise<T | undefined> => ask().catch(() => undefined);

async function untilReady(url: string): Promise<void> {
  await until(`${url} to be ready`, async () => {
    const answer = await patiently(() => fetch(`${url}/health/ready`));
    return answer?.ok === true ? true : undefined;
  });
}

/** The data go round again when a window arrives that was not there before. */
async function untilWindowsGrow(): Promise<void> {
  const before = (await until('figures', () => patiently(windowsNow))) satisfies number;
  await until('new windows', async () => {
    const phase = (await patiently(experiment))?.phase;
    if (phase !== 'running') return true;
    return ((await patiently(windowsNow)) ?? 0) > before ? true : undefined;
  });
}

function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

async function allCommits(): Promise<readonly StoredCommit[]> {
  const nats = await connectNats({ url: house.natsUrl, name: 'audit', credsFile: house.credsFiles.migrate });
  const store = new JetStreamEventStore(nats);
  const head = await store.head();
  const stop = new AbortController();
  const commits: StoredCommit[] = [];
  for await (const { bytes, position } of store.read({ after: NO_POSITION, signal: stop.signal })) {
    commits.push(decodeCommit(bytes, position));
    if (position >= head) break;
  }
  await nats.drain();
  return commits;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phoenix-faults-'));
  processes = await startDemoProcesses(join(folder, 'processes'));
  house = await startHouse({ dataDirectory: join(folder, 'data'), log: () => undefined, ports: 'free' });
  client = new PhoenixClient({ apiUrl: house.apiUrl, token: house.api.token });
  hostId = await until('the host', async () => {
    const { items } = await client.get<PageAnswer<HostAnswer>>('/fleet/hosts');
    return items.find(({ status }) => status === 'online')?.id;
  });
  const drafted = await client.post<Accepted>('/experiments', {
    body: {
      name: 'through all faults',
      baseline: { kind: 'template', template: 'baseline', parameters: {} },
      candidate: { kind: 'template', template: 'topk', parameters: { k: 8 } },
      targets: { hosts: [hostId] },
      schedule: {
        warmupSeconds: 10,
        minimumSeconds: MEASURED_SECONDS,
        maximumSeconds: MEASURED_SECONDS,
        deploySeconds: 120,
      },
      criticalProcesses,
      guardrails: [],
      success: { kpi: 'activeSeries', minimumReduction: 0.2 },
      confidence: 0.95,
      tariff: 'grafana-cloud-pro',
    },
  });
  id = drafted.id;
  const started = await client.post<Accepted>(`/experiments/${id}/start`, {
    query: { atLeast: drafted.position },
  });
  accepted.push(drafted.position, started.position);
  await client.get(`/experiments/${id}`, { query: { atLeast: started.position } });
  await until('the measurement', async () => ((await experiment()).phase === 'running' ? true : undefined));
}, 5 * MINUTES);

afterAll(async () => {
  await house.stop();
  await processes.stop();
  await rm(folder, { recursive: true, force: true });
}, 2 * MINUTES);

describe('one running experiment', () => {
  it.each([...appNames])(
    'goes on after kill -9 of %s',
    async (name) => {
      const app = house.apps[name];
      const before = app.pid();
      await app.crash();
      await until('the restart', () => (app.pid() === before ? undefined : true));
      await untilReady(app.url);
    },
    2 * MINUTES,
  );

  it(
    'goes on after kill -9 of the hub',
    async () => {
      await house.restartHub();
      await untilReady(house.apiUrl);
      await untilWindowsGrow();
    },
    2 * MINUTES,
  );

  it(
    'goes on after kill -9 of the leaf',
    async () => {
      const { pid } = house.agent.leaf();
      await house.agent.leaf().kill();
      await until('the leaf to come back', () => (house.agent.leaf().pid === pid ? undefined : true));
      await untilWindowsGrow();
    },
    2 * MINUTES,
  );

  it(
    'goes on after kill -9 of a collector',
    async () => {
      // The last heartbeat may name a collector that has been swapped since; the next one names the new one.
      await until('a collector to kill', async () => {
        const { presence } = await client.get<HostWithPresence>(`/fleet/hosts/${hostId}`);
        const candidate = presence?.collectors.find(({ variant }) => variant === 'candidate');
        return candidate !== undefined && killed(candidate.pid) ? true : undefined;
      });
      await untilWindowsGrow();
    },
    2 * MINUTES,
  );

  it(
    'goes on after kill -9 of the agent, with the collectors that it left behind',
    async () => {
      const before = house.agent.pid();
      await house.agent.crash();
      await until('the restart', () => (house.agent.pid() === before ? undefined : true));
      await untilWindowsGrow();
    },
    2 * MINUTES,
  );

  it(
    'ends with the verdict that it would have had without the faults',
    async () => {
      const concluded = await until('the verdict', async () => {
        const now = await experiment();
        if (now.phase === 'failed') throw new Error(now.reason ?? 'failed');
        return now.phase === 'concluded' ? now : undefined;
      });
      expect(concluded.verdict).toMatchObject({ decision: 'promote' });
    },
    6 * MINUTES,
  );

  it('counted no window twice and recorded what nobody watched as a gap', async () => {
    const kpis = await client.get<KpiAnswer>(`/experiments/${id}/kpis`);
    expect(kpis.windows).toBeLessThanOrEqual(MEASURED_SECONDS / WINDOW_SECONDS);
    expect(kpis.windows).toBeGreaterThan(MEASURED_SECONDS / WINDOW_SECONDS / 2);
    expect(kpis.gapSeconds).toBeGreaterThan(0);
  });

  it('lost no commit: positions are without a hole, and every accepted command is among them once', async () => {
    const commits = await allCommits();
    expect(commits.map(({ position }) => position)).toEqual(commits.map((_, index) => index + 1));
    const commandIds = commits.map(({ commandId }) => commandId);
    expect(new Set(commandIds).size).toBe(commandIds.length);
    for (const position of accepted) expect(commits.map((c) => String(c.position))).toContain(position);
    const phases = commits.flatMap(({ events }) => events.map(({ type }) => type as string));
    for (const type of ['ExperimentStarted', 'ExperimentConcluded'])
      expect(phases.filter((phase) => phase === type)).toHaveLength(1);
  });
});
