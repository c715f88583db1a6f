import type { AggregateId, ExperimentSpec, HostId, Position, TenantId } from '#lib/events';
import type { ExperimentView } from '../tables/experiment.table.js';
import type { HostView } from '../tables/host.table.js';

export const tenant = 'default' as TenantId;
const START = '2026-01-01T00:00:00.000Z';

const spec: ExperimentSpec = {
  name: 'e',
  baseline: { kind: 'template', template: 'baseline', parameters: {} },
  candidate: { kind: 'template', template: 'topk', parameters: { k: 20 } },
  targets: { hosts: ['h1' as HostId] },
  schedule: { warmupSeconds: 20, minimumSeconds: 60, maximumSeconds: 90, deploySeconds: 60 },
  criticalProcesses: [],
  guardrails: [],
  success: { kpi: 'activeSeries', minimumReduction: 0.2 },
  confidence: 0.95,
  tariff: 'grafana-cloud-pro',
};

/** A draft as `experiment_view` has it. */
export function experimentRow(id: string, rest: Partial<ExperimentView> = {}): ExperimentView {
  return {
    tenant,
    id: id as AggregateId,
    position: 1 as Position,
    phase: 'draft',
    name: id,
    spec,
    hosts: [],
    baseline: null,
    candidate: null,
    verdict: null,
    createdAt: START,
    startedAt: null,
    warmupAt: null,
    measurementAt: null,
    pausedAt: null,
    concludedAt: null,
    endedAt: null,
    updatedAt: START,
    createdBy: 'tester',
    reason: null,
    archived: false,
    clonedFrom: null,
    ...rest,
  };
}

/** An enrolled host as `host_view` has it. */
export function hostRow(id: string, rest: Partial<HostView> = {}): HostView {
  return {
    tenant,
    id: id as HostId,
    position: 1 as Position,
    hostname: id,
    labels: {},
    site: null,
    status: 'enrolled',
    inventory: {
      os: 'linux',
      kernel: '6.1.0',
      arch: 'x64',
      cpus: 2,
      memoryBytes: 8_000_000_000,
      collector: { kind: 'otelcol', version: '0.149.0' },
    },
    collectorOffers: null,
    generation: 0,
    collectors: [],
    lastError: null,
    agentVersion: null,
    bootId: null,
    rotationRequestedAt: null,
    enrolledAt: START,
    updatedAt: START,
    ...rest,
  };
}
