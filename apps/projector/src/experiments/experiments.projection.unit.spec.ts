import type { AggregateId, EventsOf } from '#lib/events';
import { experimentPhaseAfter, experimentPhases } from '#lib/database';
import { foldCommits } from '../shared/aggregate-view.js';
import {
  baseline,
  candidate,
  concluded,
  drafted,
  measurement,
  paused,
  promoted,
  promotion,
  resumed,
  spec,
  started,
  verdict,
  warmup,
} from '../shared/testing/experiment-events.js';
import { commitsOf, rowAfter, second } from '../shared/testing/given.js';
import { experimentsView } from './experiments.projection.js';

type Event = EventsOf<'experiment'>;

const rowOf = (...events: readonly Event[]) =>
  rowAfter(experimentsView, commitsOf('experiment', ...events.map((event) => [event])));

describe('the view of experiments', () => {
  it('begins with the draft', () => {
    expect(rowOf(drafted)).toMatchObject({
      id: 'a1',
      position: 1,
      phase: 'draft',
      name: 'Top 20',
      spec,
      hosts: [],
      baseline: null,
      startedAt: null,
      createdAt: second(0),
      createdBy: 'ada',
    });
  });

  it('names the experiment that a clone came from', () => {
    const from = 'e0' as AggregateId;
    expect(rowOf(drafted)).toMatchObject({ clonedFrom: null });
    const clone: Event = { type: 'ExperimentDrafted', data: { at: second(0), spec, clonedFrom: from } };
    expect(rowOf(clone, started)).toMatchObject({ clonedFrom: from, phase: 'deploying' });
  });

  it('shows the newest description of a draft', () => {
    const revised: Event = {
      type: 'ExperimentRevised',
      data: { at: second(1), spec: { ...spec, name: 'Top 50' } },
    };
    expect(rowOf(drafted, revised)).toMatchObject({ phase: 'draft', name: 'Top 50', position: 2 });
  });

  it('follows an experiment to its promotion', () => {
    const events = [drafted, started, warmup, measurement, concluded, promotion, promoted];
    expect(rowOf(...events)).toMatchObject({
      position: 7,
      phase: 'promoted',
      hosts: ['h1'],
      baseline,
      candidate,
      verdict,
      startedAt: second(1),
      warmupAt: second(2),
      measurementAt: second(3),
      concludedAt: second(6),
      endedAt: second(8),
      updatedAt: second(8),
      reason: 'cheaper',
    });
  });

  it('warms up anew after a pause', () => {
    const soFar = [drafted, started, warmup, measurement, paused];
    expect(rowOf(...soFar)).toMatchObject({ phase: 'paused', pausedAt: second(4), reason: 'deploy freeze' });
    expect(rowOf(...soFar, resumed)).toMatchObject({
      phase: 'warming',
      warmupAt: second(5),
      measurementAt: null,
      pausedAt: null,
      reason: null,
    });
  });

  it('keeps the phase of an end, and marks the archived', () => {
    const failed: Event = { type: 'ExperimentFailed', data: { at: second(2), reason: 'no host ran it' } };
    const archived: Event = { type: 'ExperimentArchived', data: { at: second(3) } };
    expect(rowOf(drafted, started, failed)).toMatchObject({
      phase: 'failed',
      reason: 'no host ran it',
      endedAt: second(2),
    });
    expect(rowOf(drafted, started, failed, archived)).toMatchObject({ phase: 'archived', archived: true });
  });

  it('takes all events of one commit together', () => {
    const [row] = foldCommits(experimentsView, [], commitsOf('experiment', [drafted, started])).rows;
    expect(row).toMatchObject({ position: 1, phase: 'deploying' });
  });

  it('writes every event into the history, with who and why', () => {
    const { details } = foldCommits(
      experimentsView,
      [],
      commitsOf('experiment', [drafted, started], [warmup]),
    );
    expect(details.map(({ position, ordinal, type }) => [position, ordinal, type])).toEqual([
      [1, 0, 'ExperimentDrafted'],
      [1, 1, 'ExperimentStarted'],
      [2, 0, 'ExperimentWarmupBegan'],
    ]);
    expect(details[0]).toMatchObject({ actorKind: 'user', actorId: 'ada', commandId: 'c1', at: second(0) });
  });

  it('changes nothing when it sees commits again', () => {
    const commits = commitsOf('experiment', [drafted], [started], [warmup]);
    const { rows } = foldCommits(experimentsView, [], commits);
    expect(foldCommits(experimentsView, rows, commits).rows).toEqual([]);
    expect(foldCommits(experimentsView, rows, commits.slice(0, 1)).rows).toEqual([]);
  });

  it('calls a history without a draft poison', () => {
    expect(() => rowOf(started)).toThrow('rejected-by-projection');
  });

  it('has a phase for every event, out of the known ones', () => {
    for (const phase of Object.values(experimentPhaseAfter)) expect(experimentPhases).toContain(phase);
  });
});
