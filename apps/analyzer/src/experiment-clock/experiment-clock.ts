import { experimentClockStep, experimentDecider, type ClockCommand, type ClockEvidence } from '#lib/domain';
import { isDomainError } from '#lib/domain-kernel';
import type { Verdict } from '#lib/events';
import type { OrderedHashes } from '#lib/metering';
import { commandIdFrom, ConcurrencyError, type Clock, type HandlesCommands } from '#lib/platform';
import { windowEndBefore } from '../shared/block-grid.js';
import type { ExperimentBook, ExperimentKey, KnownExperiment } from '../shared/experiment-book.js';
import type { Log } from '../shared/log.js';
import type { Sightings } from '../shared/sightings.js';
import { conclusionAt, missingHosts } from './readiness.js';

export interface ExperimentClockParts {
  readonly book: ExperimentBook;
  readonly sightings: Sightings;
  readonly commands: Pick<HandlesCommands, 'handle'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  readonly orderedHashes: (experiment: ExperimentKey) => Promise<OrderedHashes>;
  /** Sequence of the newest message of METRICS, and of the newest one that is in the rows. */
  readonly newestMetric: () => Promise<number>;
  readonly storedMetric: () => number;
  /** The verdict of a measurement that ends at `end` (ms since the epoch), all its blocks made. */
  readonly verdictAt: (experiment: KnownExperiment, end: number) => Promise<Verdict>;
}

/** The last windows of a measurement may take so long to arrive: two windows. */
const GRACE_MS = 20_000;

/**
 * Moves experiments on when their time has come. It keeps nothing but requests for an early conclusion: every deadline
 * is derived from the events, so a restart at any moment changes nothing.
 */
export class ExperimentClock {
  private readonly requested = new Set<string>();
  /** By experiment that is due: what METRICS held then. All of it has to be in the rows before a verdict. */
  private readonly heads = new Map<string, number>();

  constructor(private readonly parts: ExperimentClockParts) {}

  /** Somebody wants the verdict now, with what there is. @returns false when the experiment is not running */
  requestConclusion(tenant: string, id: string): boolean {
    const isRunning = this.parts.book.get(tenant, id)?.state.phase === 'running';
    if (isRunning) this.requested.add(`${tenant} ${id}`);
    return isRunning;
  }

  /** Takes the step that is due for one experiment, if any. */
  async step(experiment: KnownExperiment): Promise<void> {
    const now = this.parts.clock.now();
    const evidence = await this.evidenceFor(experiment, now);
    if (evidence === undefined) return;
    const command = experimentClockStep(experiment.state, evidence, now);
    if (command !== undefined) await this.send(experiment, command);
  }

  /** Undefined where nothing can be due yet. */
  private async evidenceFor(experiment: KnownExperiment, now: number): Promise<ClockEvidence | undefined> {
    const { id, tenant, state } = experiment;
    if (state.phase === 'running') return this.evidenceForVerdict(experiment, now);
    this.forget(experiment);
    const missing = missingHosts(id, state, {
      sighting: (host) => this.parts.sightings.of(tenant, host),
      ordered: await this.parts.orderedHashes(experiment),
      now,
    });
    return { everyHostReportsBothVariants: missing.length === 0, missingHosts: missing };
  }

  private async evidenceForVerdict(
    experiment: KnownExperiment,
    now: number,
  ): Promise<ClockEvidence | undefined> {
    const { tenant, id, state } = experiment;
    const conclusionRequested = this.requested.has(`${tenant} ${id}`);
    const due = conclusionAt(state);
    if (now < due && !conclusionRequested) return undefined;
    const end = windowEndBefore(Math.min(due, now));
    // A request takes what there is; a deadline gives the last windows time to arrive.
    if (!conclusionRequested && now < due + GRACE_MS && !this.allArrived(experiment, end)) return undefined;
    if (!(await this.hasReadUp(experiment))) return undefined;
    const verdict = await this.parts.verdictAt(experiment, end);
    return { everyHostReportsBothVariants: true, missingHosts: [], verdict, conclusionRequested };
  }

  /** After an outage the evidence waits in the stream: a verdict without it would be one about the outage. */
  private async hasReadUp({ tenant, id }: ExperimentKey): Promise<boolean> {
    const key = `${tenant} ${id}`;
    const head = this.heads.get(key) ?? (await this.parts.newestMetric());
    this.heads.set(key, head);
    return this.parts.storedMetric() >= head;
  }

  private forget({ tenant, id }: ExperimentKey): void {
    this.requested.delete(`${tenant} ${id}`);
    this.heads.delete(`${tenant} ${id}`);
  }

  private allArrived({ tenant, state }: KnownExperiment, end: number): boolean {
    return state.run.hosts.every((host) => (this.parts.sightings.of(tenant, host)?.end ?? 0) >= end);
  }

  private async send(experiment: KnownExperiment, command: ClockCommand): Promise<void> {
    const { tenant, id, position } = experiment;
    const { commands, log } = this.parts;
    try {
      await commands.handle(experimentDecider, { tenant, aggregate: 'experiment', id }, command, {
        // The same step at the same position is the same command, also after a restart.
        commandId: commandIdFrom('analyzer', tenant, id, String(position), command.type),
        actor: { kind: 'service', id: 'analyzer' },
        ifMatch: position,
      });
      if (command.type === 'ConcludeExperiment') this.forget(experiment);
    } catch (error) {
      // Somebody else moved the experiment on meanwhile; the next tick decides on what it is then.
      if (!isDomainError(error) && !(error instanceof ConcurrencyError)) throw error;
      log.warn('step came too late', { tenant, experiment: id, step: command.type, code: error.code });
    }
  }
}
