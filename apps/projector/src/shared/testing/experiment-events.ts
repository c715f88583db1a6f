import type { EventsOf, ExperimentSpec, HostId, Verdict } from '#lib/events';
import { second } from './given.js';

type Event = EventsOf<'experiment'>;

export const spec: ExperimentSpec = {
  name: 'Top 20',
  baseline: { kind: 'template', template: 'baseline', parameters: {} },
  candidate: { kind: 'template', template: 'topk', parameters: { k: 20 } },
  targets: { hosts: ['h1' as HostId] },
  schedule: { warmupSeconds: 20, minimumSeconds: 60, maximumSeconds: 90, deploySeconds: 60 },
  criticalProcesses: ['nginx'],
  guardrails: [],
  success: { kpi: 'activeSeries', minimumReduction: 0.2 },
  confidence: 0.95,
  tariff: 'grafana-cloud-pro',
};
export const verdict: Verdict = {
  decision: 'promote',
  reason: 'Every block reduces series by more than 20 %.',
  scope: { hosts: 'this host only', time: 'this period only' },
  reduction: { noData: true, reason: 'left out here' },
  guardrails: [],
  health: [],
  evidence: { blocksDigest: 'ab', blocks: 2, windows: 12, gapSeconds: 0, watermark: second(9) },
  ruleVersion: 'verdict/1',
};
export const baseline = { template: 'baseline', parameters: {} };
export const candidate = { template: 'topk', parameters: { k: 20 } };

export const drafted: Event = { type: 'ExperimentDrafted', data: { at: second(0), spec } };
export const started: Event = {
  type: 'ExperimentStarted',
  data: { at: second(1), hosts: ['h1' as HostId], baseline, candidate, spec },
};
export const warmup: Event = { type: 'ExperimentWarmupBegan', data: { at: second(2) } };
export const measurement: Event = { type: 'ExperimentMeasurementBegan', data: { at: second(3) } };
export const paused: Event = {
  type: 'ExperimentPaused',
  data: { at: second(4), reason: 'deploy freeze', mode: 'graceful' },
};
export const resumed: Event = { type: 'ExperimentResumed', data: { at: second(5) } };
export const concluded: Event = { type: 'ExperimentConcluded', data: { at: second(6), verdict } };
export const promotion: Event = {
  type: 'ExperimentPromotionRequested',
  data: { at: second(7), reason: 'cheaper', despiteVerdict: false },
};
export const promoted: Event = { type: 'ExperimentPromoted', data: { at: second(8) } };
