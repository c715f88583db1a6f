import { randomUUID } from 'node:crypto';
import { experimentDecider, type ExperimentCommand } from '#lib/domain';
import type { AggregateId, ExperimentSpec, HostId } from '#lib/events';
import { CommandHandler, commandIdFrom, JetStreamEventStore, systemClock } from '#lib/platform';
import { tenant, type GatewayHouse } from './gateway-house.js';

const spec: ExperimentSpec = {
  name: 'top ten',
  baseline: { kind: 'template', template: 'baseline', parameters: {} },
  candidate: { kind: 'template', template: 'topk', parameters: { k: 10 } },
  targets: {},
  schedule: { warmupSeconds: 10, minimumSeconds: 60, maximumSeconds: 60, deploySeconds: 60 },
  criticalProcesses: ['nginx'],
  guardrails: [],
  success: { kpi: 'activeSeries', minimumReduction: 0.2 },
  confidence: 0.95,
  tariff: 'grafana-cloud-pro',
};

/** Drafts and starts an experiment on these hosts, as a user does. */
export async function startExperiment(
  { services }: GatewayHouse,
  id: string,
  hosts: readonly HostId[],
): Promise<void> {
  const commands = new CommandHandler(new JetStreamEventStore(services), systemClock);
  const tell = (command: ExperimentCommand) =>
    commands.handle(experimentDecider, { tenant, aggregate: 'experiment', id: id as AggregateId }, command, {
      commandId: commandIdFrom(randomUUID()),
      actor: { kind: 'user', id: 'u1' },
    });
  const at = systemClock.iso();
  await tell({ type: 'DraftExperiment', at, spec });
  const baseline = { template: 'baseline', parameters: {} };
  const candidate = { template: 'topk', parameters: { k: 10 } };
  await tell({ type: 'StartExperiment', at, hosts: [...hosts], baseline, candidate });
}
