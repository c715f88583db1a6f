import { connectDataSource } from '#lib/database';
import { subjects, type HostId, type TenantId } from '#lib/events';
import { systemClock, type Nats } from '#lib/platform';
import { bench, type Progress } from '../harness/bench.js';
import { alternate, inLanes, ratePerSecond } from '../harness/rounds.js';
import { quantile } from '../harness/statistics.js';
import { FLEET_RAW, TENANT } from '../load/fleet-protocol.js';
import { startApp, type AppProcess } from '../parts/app.js';
import { actor, enrolHosts, onlineHosts } from '../parts/enrolled-hosts.js';
import { withFleet, type PlayedFleet } from '../parts/fleet.js';
import { withHubAndDatabase, type HubParts } from '../parts/hub.js';
import { rssBytes } from '../parts/process.js';
import { until } from '#tools/house';

const HOSTS = 10_000;
const ONLINE = 7_000;
const IN_FLIGHT = 512;
const EACH = 20;
const ROUNDS = 3;
const BUDGET_MS = 120_000;
const tenant = TENANT as TenantId;

type Parts = HubParts & { readonly databaseUrl: string };
type Database = Awaited<ReturnType<typeof connectDataSource>>;
type Stage = { readonly database: Database; readonly parts: Parts; readonly fleet: PlayedFleet };

/** What the gateway does for a fleet of which three hosts in ten cannot be reached. */
export const gatewayBench = bench({
  metrics: {
    'gateway.tasks': {
      unit: 'tasks/s',
      goal: { kind: 'ratio', atLeast: 0.3 },
      what: `One task for each of ${HOSTS} hosts, ${ONLINE} of them online, which stand in TASKS when a frozen gateway goes on: read, written down, handed over and accepted by all who are online, against raw NATS requests of the same size to the same process, ${IN_FLIGHT} in flight.`,
    },
    'gateway.tasks-all-accepted': {
      unit: 's',
      goal: { kind: 'limit', atMost: 60 },
      what: 'The same number asked for while the gateway runs, from the first publish to the last acceptance; each publish is on the disk before it counts.',
    },
    'gateway.hand-over-p50': {
      unit: 'ms',
      goal: { kind: 'reported' },
      what: 'Of those, all asked for at once: from being asked for to being accepted, median.',
    },
    'gateway.hand-over-p99': {
      unit: 'ms',
      goal: { kind: 'reported' },
      what: 'The same, 99th percentile.',
    },
    'gateway.reconnect-storm': {
      unit: 's',
      goal: { kind: 'reported' },
      what: `From ${HOSTS} hosts saying hello at once to all of them being online, each transition an event.`,
    },
    'gateway.memory-per-host': {
      unit: 'kB',
      goal: { kind: 'reported' },
      what: `Resident memory of the gateway with ${HOSTS} hosts online, less that of the same gateway before any was enrolled, by host.`,
    },
  },
  run: (report) =>
    withHubAndDatabase(async (parts) => {
      const database = await connectDataSource(parts.databaseUrl, { warn: () => undefined });
      try {
        return await withFleet(parts, (fleet) => measure({ database, parts, fleet }, report));
      } finally {
        await database.destroy();
      }
    }),
});

async function measure(stage: Stage, report: Progress) {
  const { fleet, parts } = stage;
  const gateway = await startApp('agent-gateway', parts);
  try {
    await until(BUDGET_MS, 'the gateway is ready', async () => (await onlineHosts(gateway)) === 0);
    const empty = rssBytes(gateway.pid);
    await enrolHosts(parts.nats, HOSTS);
    report(`${HOSTS} hosts enrolled`);
    await arrive(gateway, fleet, ONLINE);
    report(`${ONLINE} hosts online`);
    const slowest = await askAll(stage);
    report(`all accepted after ${slowest.toFixed(1)} s`);
    const waits = await waitsOf(stage.database);
    const tasks = await handOvers(stage, gateway, report);
    await fleet.tell({ online: 0, hello: false });
    await until(BUDGET_MS, 'all hosts are offline', async () => (await onlineHosts(gateway)) === 0);
    report('all hosts offline, now they all come back at once');
    const storm = await arrive(gateway, fleet, HOSTS);
    const perHost = (rssBytes(gateway.pid) - empty) / HOSTS / 1000;
    return {
      'gateway.tasks': tasks,
      'gateway.tasks-all-accepted': { value: slowest },
      'gateway.hand-over-p50': { value: quantile(waits, 0.5) },
      'gateway.hand-over-p99': { value: quantile(waits, 0.99) },
      'gateway.reconnect-storm': { value: storm },
      'gateway.memory-per-host': { value: perHost },
    };
  } finally {
    await gateway.stop();
  }
}

/** Asks every host for something while the gateway runs; seconds until those who are online have accepted. */
async function askAll({ database, parts: { nats } }: Stage): Promise<number> {
  const start = performance.now();
  await publishTasks(nats, 0);
  await untilAccepted(database, 1);
  return (performance.now() - start) / 1000;
}

/**
 * Rounds of tasks against rounds of raw requests. The gateway is frozen while the tasks are published, so that its own
 * work is measured and not the hub's disk. Later rounds find the tasks of absent hosts still waiting.
 */
async function handOvers({ database, parts: { nats } }: Stage, gateway: AppProcess, report: Progress) {
  let round = 0;
  const subject = async (): Promise<number> => {
    round += 1;
    process.kill(gateway.pid, 'SIGSTOP');
    try {
      await publishTasks(nats, round);
    } finally {
      process.kill(gateway.pid, 'SIGCONT');
    }
    const rate = await ratePerSecond(ONLINE, () => untilAccepted(database, round + 1));
    report(`round ${round}: ${Math.round(rate)} tasks/s`);
    return rate;
  };
  const body = encode(taskOf('raw-000000'));
  const ceiling = (): Promise<number> =>
    ratePerSecond(IN_FLIGHT * EACH, () =>
      inLanes(IN_FLIGHT, EACH, (lane) => nats.request(`${FLEET_RAW}.h-${lane}`, body, BUDGET_MS)),
    );
  return alternate({ subject, ceiling }, ROUNDS);
}

function publishTasks(nats: Nats, round: number): Promise<void> {
  return inLanes(IN_FLIGHT, Math.ceil(HOSTS / IN_FLIGHT), (lane, i) =>
    ask(nats, lane + i * IN_FLIGHT, round),
  );
}

function untilAccepted(database: Database, rounds: number): Promise<void> {
  return until(
    BUDGET_MS,
    `${ONLINE} hosts have accepted`,
    async () => (await accepted(database)) >= rounds * ONLINE,
  );
}

async function ask(nats: Nats, n: number, round: number): Promise<void> {
  if (n >= HOSTS) return;
  const message = { op: 'request', at: systemClock.iso(), by: actor, task: taskOf(`t-${round}-${n}`) };
  await nats.publisher.publish(subjects.task(tenant, `h-${n}` as HostId), encode(message));
}

function taskOf(taskId: string) {
  const deadline = '2999-01-01T00:00:00.000Z';
  return { kind: 'CollectLogs', taskId, deadline, variant: 'baseline', lines: 50 } as const;
}

async function accepted(database: Database): Promise<number> {
  const [row] = await database.query<{ n: string }[]>(
    `SELECT count(*) AS n FROM task WHERE phase = 'accepted'`,
  );
  return Number(row?.n ?? 0);
}

async function waitsOf(database: Database): Promise<readonly number[]> {
  const rows = await database.query<{ ms: string }[]>(
    `SELECT extract(epoch FROM a.at - r.at) * 1000 AS ms FROM task_stage a
       JOIN task_stage r ON r.tenant = a.tenant AND r.task_id = a.task_id AND r.stage = 'requested'
      WHERE a.stage = 'accepted'`,
  );
  return rows.map(({ ms }) => Number(ms));
}

/** Lets the first `online` hosts come, and answers how many seconds it took until the gateway has them all. */
async function arrive(gateway: AppProcess, fleet: PlayedFleet, online: number): Promise<number> {
  const start = performance.now();
  await fleet.tell({ online, hello: true });
  await until(BUDGET_MS, `${online} hosts are online`, async () => (await onlineHosts(gateway)) === online);
  return (performance.now() - start) / 1000;
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
