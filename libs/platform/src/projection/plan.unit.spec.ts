import { encodeCommit, position, subjects, type Commit } from '#lib/events';
import { pipelineRef, versionCommit } from '../testing/pipeline-commits.js';
import type { RawCommit } from '../event-store/event-store.js';
import { planBatch } from './plan.js';
import { readCommit } from './reading.js';
import type { Lease, Projection } from './types.js';

const pipelines = { aggregates: ['pipeline'] } as const;
const nothingParked = new Map<string, { code: string; detail: string }>();
const stored = (at: number, commit: Commit, subject = subjects.events(commit)) => ({
  subject,
  position: position(at),
  bytes: encodeCommit(commit),
});
const broken = (at: number, subject: string) => ({
  subject,
  position: position(at),
  bytes: new TextEncoder().encode('{"v":'),
});
const planned = (
  messages: readonly RawCommit[],
  projection: Pick<Projection, 'aggregates'>,
  parked: Lease['parked'],
) =>
  planBatch(
    messages.map((message) => readCommit(message, projection)),
    parked,
  );
const p1 = versionCommit(pipelineRef('p1'), 'c1');
const p2 = versionCommit(pipelineRef('p2'), 'c2');

describe('the plan of a batch', () => {
  it('applies what can be read, in order', () => {
    const plan = planned([stored(1, p1), stored(2, p2), stored(3, p1)], pipelines, nothingParked);
    expect(plan.apply.map((commit) => [commit.position, commit.id])).toEqual([
      [1, 'p1'],
      [2, 'p2'],
      [3, 'p1'],
    ]);
    expect(plan.parked).toEqual([]);
  });

  it('passes over aggregates of other projections, readable or not', () => {
    const plan = planned([broken(1, 'evt.default.host.h1')], pipelines, nothingParked);
    expect(plan).toEqual({ apply: [], parked: [] });
  });

  it('parks a commit that it cannot read, and every later one of that aggregate, but no other', () => {
    const home = subjects.events(p1);
    const plan = planned(
      [stored(1, p1), broken(2, home), stored(3, p2), stored(4, p1)],
      pipelines,
      nothingParked,
    );
    expect(plan.apply.map((commit) => commit.position)).toEqual([1, 3]);
    expect(plan.parked.map((commit) => [commit.subject, commit.position, commit.code])).toEqual([
      [home, 2, 'undecodable'],
      [home, 4, 'undecodable'],
    ]);
  });

  it('keeps an aggregate parked that was parked before, with the first reason', () => {
    const home = subjects.events(p1);
    const parked = new Map([[home, { code: 'rejected-by-database', detail: 'NUL' }]]);
    const plan = planned([stored(5, p1)], pipelines, parked);
    expect(plan).toEqual({
      apply: [],
      parked: [{ subject: home, position: 5, code: 'rejected-by-database', detail: 'NUL' }],
    });
  });

  it('parks a commit that lies on the subject of another aggregate', () => {
    const plan = planned([stored(1, p1, subjects.events(p2))], pipelines, nothingParked);
    expect(plan.parked.map(({ subject, code }) => [subject, code])).toEqual([
      [subjects.events(p2), 'misplaced'],
    ]);
  });

  it('never passes over a subject that nobody can parse', () => {
    const plan = planned([broken(1, 'evt.default.planet.x')], pipelines, nothingParked);
    expect(plan.parked).toHaveLength(1);
  });
});
