import type { ExperimentSpec, FrozenPipeline, HostId, Verdict } from '#lib/events';

export const AT = '2026-05-04T10:00:00.000Z';
export const hostId = (text: string): HostId => text as HostId;

export const spec: ExperimentSpec = {
  name: 'fewer series',
  baseline: { kind: 'template', template: 'baseline', parameters: {} },
  candidate: { kind: 'template', template: 'topk', parameters: { k: 20 } },
  targets: { hosts: [hostId('h1')] },
  schedule: { warmupSeconds: 30, minimumSeconds: 60, maximumSeconds: 120, deploySeconds: 90 },
  criticalProcesses: ['nginx', 'postgres'],
  guardrails: [{ kpi: 'processCoverage', margin: 0.05 }],
  success: { kpi: 'activeSeries', minimumReduction: 0.3 },
  confidence: 0.95,
  tariff: 'grafana-cloud-pro',
};

export const baselinePipeline: FrozenPipeline = { template: 'baseline', parameters: {} };
export const candidatePipeline: FrozenPipeline = { template: 'topk', parameters: { k: 20 } };

export function verdictOf(decision: Verdict['decision']): Verdict {
  return {
    decision,
    reason: 'because of the blocks',
    scope: { hosts: 'this host only', time: 'this period only' },
    reduction: { noData: true, reason: 'a sample' },
    guardrails: [],
    health: [],
    evidence: { blocksDigest: 'none', blocks: 0, windows: 0, gapSeconds: 0, watermark: AT },
    ruleVersion: 'sample/1',
  };
}
