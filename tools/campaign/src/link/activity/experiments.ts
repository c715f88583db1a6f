import { randomUUID } from 'node:crypto';
import { experimentDecider, type ExperimentCommand } from '#lib/domain';
import type { AggregateId, ExperimentSpec, FrozenPipeline, HostId } from '#lib/events';
import { CommandHandler, commandIdFrom, JetStreamEventStore, systemClock, type Nats } from '#lib/platform';
import { tenant } from '../parts/house.js';
import type { ExperimentMove } from '../plan/steps.js';
import { insist } from './insist.js';

/** Short, so that a swap with its overlap fits into a fault. */
const INTERVAL = { intervalSeconds: 1 };

const spec: ExperimentSpec = {
  name: 'campaign',
  baseline: { kind: 'template', template: 'baseline', parameters: INTERVAL },
  candidate: { kind: 'template', template: 'aggregated', parameters: INTERVAL },
  targets: {},
  schedule: { warmupSeconds: 10, minimumSeconds: 60, maximumSeconds: 3_600, deploySeconds: 3_600 },
  criticalProcesses: [],
  guardrails: [],
  success: { kpi: 'activeSeries', minimumReduction: 0.2 },
  confidence: 0.95,
  tariff: 'grafana-cloud-pro',
};

/** Experiments on all hosts, one after the other, moved on as people do: each move is a new generation on each host. */
export class Experiments {
  private readonly commands: CommandHandler;
  private count = 0;

  constructor(
    nats: Nats,
    private readonly hosts: readonly HostId[],
  ) {
    this.commands = new CommandHandler(new JetStreamEventStore(nats), systemClock);
  }

  /** The experiment that was started last. */
  get newest(): string {
    return `e${this.count}`;
  }

  /** A move that the experiment's phase does not allow is none. */
  async move(move: ExperimentMove): Promise<void> {
    if (move === 'start') return this.start();
    for (const command of commandsOf(move, systemClock.iso())) await this.tell(command);
  }

  private async start(): Promise<void> {
    this.count += 1;
    const at = systemClock.iso();
    const baseline: FrozenPipeline = { template: 'baseline', parameters: INTERVAL };
    const importantProcesses = [`process-${this.count}`];
    const candidate: FrozenPipeline = {
      template: 'aggregated',
      parameters: { ...INTERVAL, importantProcesses },
    };
    await this.tell({ type: 'DraftExperiment', at, spec });
    await this.tell({ type: 'StartExperiment', at, hosts: [...this.hosts], baseline, candidate });
  }

  private async tell(command: ExperimentCommand): Promise<void> {
    const ref = { tenant, aggregate: 'experiment', id: this.newest as AggregateId } as const;
    const commandId = commandIdFrom(randomUUID());
    await insist(() =>
      this.commands.handle(experimentDecider, ref, command, { commandId, actor: { kind: 'user', id: 'u1' } }),
    );
  }
}

function commandsOf(move: Exclude<ExperimentMove, 'start'>, at: string): readonly ExperimentCommand[] {
  const reason = 'campaign';
  const underWay: readonly ExperimentCommand[] = [
    { type: 'BeginWarmup', at },
    { type: 'BeginMeasurement', at },
  ];
  switch (move) {
    case 'pause':
      return [...underWay, { type: 'PauseExperiment', at, mode: 'instant', reason }];
    case 'resume':
      return [{ type: 'ResumeExperiment', at }];
    case 'promote':
      return [...underWay, { type: 'PromoteExperiment', at, reason, despiteVerdict: true }];
    case 'roll-back':
      return [{ type: 'RollBackExperiment', at, mode: 'graceful', requestedBy: 'user', reason }];
  }
}
