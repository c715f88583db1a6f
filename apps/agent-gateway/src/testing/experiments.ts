import { randomUUID } from 'node:crypto';
import { experimentDecider, type ExperimentCommand, type ExperimentState } from '#lib/domain';
import type { AggregateId, ExperimentEvent, ExperimentSpec, FrozenPipeline, HostId } from '#lib/events';
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

const refOf = (id: string) => ({ tenant, aggregate: 'experiment', id: id as AggregateId }) as const;

/** Gives an experiment a command, as a user does. */
export function tellExperiment({ services }: GatewayHouse, id: string, command: ExperimentCommand) {
  const commands = new CommandHandler(new JetStreamEventStore(services), systemClock);
  return commands.handle(experimentDecider, refOf(id), command, {
    commandId: commandIdFrom(randomUUID()),
    actor: { kind: 'user', id: 'u1' },
  });
}

/** Drafts and starts an experiment on these hosts; `parameters` are those of both pipelines, `content` is the baseline. */
export async function startExperiment(
  house: GatewayHouse,
  id: string,
  hosts: readonly HostId[],
  {
    content,
    parameters = {},
    ...more
  }: Partial<ExperimentSpec> & { readonly parameters?: object; readonly content?: FrozenPipeline } = {},
): Promise<void> {
  const at = systemClock.iso();
  await tellExperiment(house, id, { type: 'DraftExperiment', at, spec: { ...spec, ...more } });
  const baseline = content ?? { template: 'baseline', parameters: { ...parameters } };
  const candidate = { template: 'topk', parameters: { k: 10, ...parameters } };
  await tellExperiment(house, id, { type: 'StartExperiment', at, hosts: [...hosts], baseline, candidate });
}

/** Ends an experiment at once. */
export async function stopExperiment(house: GatewayHouse, id: string): Promise<void> {
  const at = systemClock.iso();
  await tellExperiment(house, id, { type: 'StopExperiment', at, mode: 'instant', reason: 'enough' });
}

/** Where an experiment stands by its events. */
export async function phaseOf({ services }: GatewayHouse, id: string): Promise<ExperimentState['phase']> {
  return (await new JetStreamEventStore(services).load(refOf(id)))
    .flatMap(({ events }) => events as readonly ExperimentEvent[])
    .reduce<ExperimentState>(
      (state, event) => experimentDecider.evolve(state, event),
      experimentDecider.initialState(),
    ).phase;
}

/** The types of a host's events, in their order. */
export async function eventsOfHost({ services }: GatewayHouse, id: HostId): Promise<readonly string[]> {
  const ref = { tenant, aggregate: 'host', id: id as string as AggregateId } as const;
  const commits = await new JetStreamEventStore(services).load(ref);
  return commits.flatMap(({ events }) => events.map(({ type }) => type));
}
