import { Inject, Injectable } from '@nestjs/common';
import { experimentRowAfter, type ExperimentView } from '#lib/database';
import { DomainError } from '#lib/domain-kernel';
import { NO_POSITION, type AggregateId, type StoredCommit, type TenantId } from '#lib/events';
import { CLOCK, EVENT_STORE, StoreError, type Clock, type EventStore } from '#lib/platform';
import { refusal } from '../http/edge-error.js';
import type { Experiment } from './experiment.view.js';
import { toExperiment } from './experiments.reader.js';
import { parseMoment, type Moment } from './moment.js';

type Commit = StoredCommit<'experiment'>;

/** Experiments as they were: the fold of their events up to a moment, by the function that keeps the view. */
@Injectable()
export class ExperimentLog {
  constructor(
    @Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'load' | 'lastPosition' | 'head'>,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /**
   * The experiment at a moment, a position or an ISO 8601 time.
   * @throws ProblemError `invalid-moment`, `experiment-not-yet-drafted`; DomainError `experiment-not-found`
   */
  async at(tenant: TenantId, id: AggregateId, text: string): Promise<Experiment> {
    const moment = await this.pastMoment(text);
    const commits = await this.commits(tenant, id);
    const before = commits.slice(0, countUntil(commits, moment));
    const row = rowAfter(before);
    if (row !== undefined) return toExperiment(row);
    throw refusal(
      'experiment-not-yet-drafted',
      `There was no such experiment yet at ${text}; it was drafted at ${commits[0]?.at ?? 'no time'}.`,
    );
  }

  /** The experiment as it was when its verdict was given; undefined without one. @throws DomainError `experiment-not-found` */
  async atConclusion(tenant: TenantId, id: AggregateId): Promise<Experiment | undefined> {
    const commits = await this.commits(tenant, id);
    const last = commits.findIndex(({ events }) => events.some(({ type }) => type === 'ExperimentConcluded'));
    const row = last < 0 ? undefined : rowAfter(commits.slice(0, last + 1));
    return row === undefined ? undefined : toExperiment(row);
  }

  private async pastMoment(text: string): Promise<Moment> {
    const moment = parseMoment(text);
    if (moment === undefined)
      throw refusal(
        'invalid-moment',
        'at is neither a position nor an ISO 8601 time with its zone.',
        'Send a position, such as 41, or a time, such as 2026-01-31T12:00:00Z.',
      );
    const isPast =
      moment.kind === 'position'
        ? moment.position <= (await this.store.head())
        : moment.time <= this.clock.now();
    if (isPast) return moment;
    throw refusal('invalid-moment', `${text} has not come yet.`, 'Leave `at` out for the present state.');
  }

  /** All of them: the leader is asked, because an answer about the past must not change later. */
  private async commits(tenant: TenantId, id: AggregateId): Promise<readonly Commit[]> {
    const ref = { tenant, aggregate: 'experiment', id } as const;
    const last = await this.store.lastPosition(ref);
    const commits = (await this.store.load(ref)) as readonly Commit[];
    if (commits.length === 0 && last === NO_POSITION)
      throw new DomainError('experiment-not-found', 'There is no such experiment.', 'See GET /experiments.');
    if ((commits.at(-1)?.position ?? NO_POSITION) < last)
      throw new StoreError('unavailable', `the commit at ${last} cannot be read yet`);
    return commits;
  }
}

/** How many commits had been made. Their order is that of positions; what follows a later one came later too. */
function countUntil(commits: readonly Commit[], moment: Moment): number {
  const first = commits.findIndex(({ position, events }) =>
    moment.kind === 'position'
      ? position > moment.position
      : events.some(({ data }) => Date.parse(data.at) > moment.time),
  );
  return first < 0 ? commits.length : first;
}

function rowAfter(commits: readonly Commit[]): ExperimentView | undefined {
  return commits.reduce<ExperimentView | undefined>((row, commit) => {
    const after = commit.events.reduce<ExperimentView | undefined>(
      (folded, event) => experimentRowAfter(folded, event, commit),
      row,
    );
    return after === undefined ? undefined : { ...after, position: commit.position };
  }, undefined);
}
