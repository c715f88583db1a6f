import type { ExperimentView, HostAttempt, HostPresence, HostView } from '#lib/database';
import type { AggregateId, HostId, Position } from '#lib/events';
import { tenant } from './running-api.js';

const START = '2026-01-01T00:00:00.000Z';

/** A draft as the projector writes it. */
export function experimentRow(id: string, rest: Partial<ExperimentView> = {}): ExperimentView {
  return {
    tenant,
    id: id as AggregateId,
    position: 1 as Position,
    phase: 'draft',
    name: id,
    spec: {
      name: id,
      baseline: { kind: 'template', template: 'baseline', parameters: {} },
      candidate: { kind: 'template', template: 'topk', parameters: { k: 20 } },
      targets: { hosts: ['h1' as HostId] },
      schedule: { warmupSeconds: 20, minimumSeconds: 60, maximumSeconds: 90, deploySeconds: 60 },
      criticalProcesses: [],
      guardrails: [],
      success: { kpi: 'activeSeries', minimumReduction: 0.2 },
      confidence: 0.95,
      tariff: 'grafana-cloud-pro',
    },
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
    createdBy: 'the-operator',
    reason: null,
    archived: false,
    clonedFrom: null,
    ...rest,
  };
}

/** A host that is online, as the projector writes it. */
export function hostRow(id: string, rest: Partial<HostView> = {}): HostView {
  return {
    tenant,
    id: id as HostId,
    position: 1 as Position,
    hostname: id,
    labels: {},
    site: null,
    status: 'online',
    inventory: {
      os: 'linux',
      kernel: '6.1',
      arch: 'x64',
      cpus: 2,
      memoryBytes: 1024,
      collector: { kind: 'otelcol', version: '0.149.0' },
    },
    collectorOffers: null,
    generation: 0,
    collectors: [],
    lastError: null,
    agentVersion: '0.1.0',
    bootId: 'boot-1',
    rotationRequestedAt: null,
    enrolledAt: START,
    updatedAt: START,
    ...rest,
  };
}

/** The last heartbeat of a host that does well, as the gateway writes it. */
export function presenceRow(host: string, rest: Partial<HostPresence> = {}): HostPresence {
  return {
    tenant,
    host: host as HostId,
    bootId: 'boot-1',
    lastHeartbeatAt: START,
    agentCpuPercent: 0.4,
    agentRssBytes: 1000,
    outboxResults: 0,
    outboxMetrics: 2,
    collectors: [],
    sentAt: START,
    generation: 0,
    outboxDropped: 0,
    outboxFailure: null,
    door: 'leaf',
    linkServer: 'leaf-1',
    linkRttMs: 1,
    ingress: [],
    ...rest,
  };
}

/** One stage of one order, as the gateway writes it. */
export function attemptRow(host: string, rest: Partial<HostAttempt> = {}): HostAttempt {
  return {
    tenant,
    host: host as HostId,
    generation: 1,
    taskId: 'g1-aaaa',
    stage: 'effective',
    at: START,
    reason: null,
    collectors: [],
    experimentId: null,
    detectedAt: null,
    ...rest,
  };
}
