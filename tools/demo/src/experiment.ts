import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Accepted,
  CostAnalysisAnswer,
  ExperimentAnswer,
  HostAnswer,
  KpiAnswer,
  PageAnswer,
  PhoenixClient,
} from '#lib/client';

const POLL_MS = 1_000;
/** Far above what any step takes; only a broken part uses it up. */
const PATIENCE_MS = 240_000;

/** What the demo measured, as REST answers it. */
export interface DemoResult {
  readonly experiment: ExperimentAnswer;
  readonly kpis: KpiAnswer;
  readonly cost: CostAnalysisAnswer;
}

/** Waits until a host is online. @throws Error when none comes. */
export function untilHostIsOnline(client: PhoenixClient): Promise<HostAnswer> {
  return until('a host to come online', async () => {
    const { items } = await client.get<PageAnswer<HostAnswer>>('/fleet/hosts');
    return items.find(({ status }) => status === 'online');
  });
}

/** Drafts and starts the demo's experiment: everything against the ten busiest processes. */
export async function startExperiment(
  client: PhoenixClient,
  host: string,
  criticalProcesses: readonly string[],
): Promise<Accepted> {
  const drafted = await client.post<Accepted>('/experiments', {
    idempotencyKey: randomUUID(),
    body: {
      name: 'Demo: every process against the ten busiest',
      baseline: { kind: 'template', template: 'baseline', parameters: {} },
      candidate: { kind: 'template', template: 'topk', parameters: { k: 10 } },
      targets: { hosts: [host] },
      schedule: { warmupSeconds: 15, minimumSeconds: 90, maximumSeconds: 90, deploySeconds: 120 },
      criticalProcesses,
      guardrails: [{ kpi: 'criticalCoverage', margin: 0 }],
      success: { kpi: 'activeSeries', minimumReduction: 0.3 },
      confidence: 0.95,
      tariff: 'grafana-cloud-pro',
    },
  });
  const started = await client.post<Accepted>(`/experiments/${drafted.id}/start`, {
    idempotencyKey: randomUUID(),
    query: { atLeast: drafted.position },
  });
  // From here on the views know of it, and of its start.
  await client.get(`/experiments/${started.id}`, { query: { atLeast: started.position } });
  return started;
}

/** Waits for the verdict, telling each change of phase and each new figure. @throws Error when it fails */
export async function untilConcluded(
  client: PhoenixClient,
  id: string,
  onProgress: (experiment: ExperimentAnswer, kpis: KpiAnswer | undefined) => void,
): Promise<DemoResult> {
  const experiment = await until('the verdict', async () => {
    const current = await client.get<ExperimentAnswer>(`/experiments/${id}`);
    if (current.phase === 'failed')
      throw new Error(`the experiment failed: ${current.reason ?? 'no reason'}`);
    if (current.phase === 'concluded') return current;
    onProgress(current, current.phase === 'running' ? await readKpis(client, id) : undefined);
    return undefined;
  });
  const kpis = await readKpis(client, id);
  const cost = await client.get<CostAnalysisAnswer>(`/experiments/${id}/cost-analysis`);
  return { experiment, kpis, cost };
}

function readKpis(client: PhoenixClient, id: string): Promise<KpiAnswer> {
  return client.get<KpiAnswer>(`/experiments/${id}/kpis`);
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(POLL_MS);
  }
  throw new Error(`waited ${PATIENCE_MS / 1000} s for ${what}`);
}
