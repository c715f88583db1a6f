import { changeLog, experimentView, hostView, kpiBlock, kpiChange, type ExperimentView } from '#lib/database';
import type { HostView } from '#lib/database';
import type { AggregateId, HostId, Position, Verdict } from '#lib/events';
import { blockOf } from './blocks.js';
import { experimentRow, hostRow } from './rows.js';
import { tenant, type RunningApi } from './running-api.js';

const AT = '2026-01-01T00:00:00.000Z';

/** The n-th minute of the tests' measurements. */
export const minute = (n: number): string => new Date(Date.parse(AT) + n * 60_000).toISOString();

/** Writes an experiment and its change, as the projector does. */
export async function showExperiment(
  api: RunningApi,
  id: string,
  rest: Partial<ExperimentView> = {},
): Promise<void> {
  await api.given(experimentView, [experimentRow(id, rest)]);
  await change(api, 'experiments', id);
}

/** Writes a host and its change, as the projector does. */
export async function showHost(api: RunningApi, id: string, rest: Partial<HostView> = {}): Promise<void> {
  await api.given(hostView, [hostRow(id, rest)]);
  await change(api, 'hosts', id);
}

async function change(api: RunningApi, view: 'experiments' | 'hosts', key: string): Promise<void> {
  await api.db
    .getRepository(changeLog)
    .insert({ tenant, view, key, position: 1 as Position, at: new Date().toISOString() });
}

/** Writes one block for each pair of active series, from minute 1 on, as the analyzer does. */
export async function showBlocks(
  api: RunningApi,
  id: string,
  series: readonly { readonly baseline: number; readonly candidate: number }[],
): Promise<void> {
  const experimentId = id as AggregateId;
  const rows = series.map((counts, index) => {
    const start = minute(index + 1);
    const block = blockOf('h1', start, counts);
    return { tenant, experimentId, host: 'h1' as HostId, start, seconds: 60, block, updatedAt: start };
  });
  await api.given(kpiBlock, rows);
  await api.db.getRepository(kpiChange).insert({ tenant, experimentId, at: AT });
}

/** The verdict on blocks that lost three quarters of their series. */
export const promotion: Verdict = {
  decision: 'promote',
  reason: 'The candidate sends 75.0 % fewer active series. All guardrails hold.',
  scope: { hosts: 'this host only', time: 'this period only' },
  reduction: {
    value: 0.75,
    unit: 'share of baseline',
    window: { from: minute(1), to: minute(3) },
    formulaVersion: 'test',
    interval: { kind: 'range', blocks: 2, low: 0.7, high: 0.8 },
  },
  guardrails: [{ name: 'critical processes', passed: true, detail: 'All of the baseline are seen.' }],
  health: [{ name: 'both variants measured', passed: true, detail: '2 of 2 blocks.' }],
  evidence: { blocksDigest: 'd', blocks: 2, windows: 12, gapSeconds: 0, watermark: minute(3) },
  ruleVersion: 'test',
};
