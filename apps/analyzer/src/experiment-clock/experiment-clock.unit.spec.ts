import type { ExperimentCommand, StartedExperiment } from '#lib/domain';
import type { AggregateId, CommandId, HostId, TenantId, Verdict } from '#lib/events';
import { position } from '#lib/events';
import type { HandlesCommands } from '#lib/platform';
import type { ExperimentBook, KnownExperiment } from '../shared/experiment-book.js';
import { Sightings } from '../shared/sightings.js';
import { ExperimentClock } from './experiment-clock.js';

const at = (seconds: number): number => Date.parse('2026-05-04T10:00:00Z') + seconds * 1000;
const iso = (seconds: number): string => new Date(at(seconds)).toISOString();
const schedule = { warmupSeconds: 30, minimumSeconds: 60, maximumSeconds: 125, deploySeconds: 90 };
const verdict = { decision: 'inconclusive' } as Verdict;

function experiment(
  phase: StartedExperiment['phase'],
  run: Partial<StartedExperiment['run']> = {},
): KnownExperiment {
  const state = { phase, spec: { schedule }, run: { hosts: ['h1' as HostId], startedAt: iso(0), ...run } };
  const key = { tenant: 'default' as TenantId, id: 'e1' as AggregateId, position: position(7) };
  return { ...key, state: state as unknown as StartedExperiment };
}

/** A clock at a time, with what it sent and which end of the measurement it asked a verdict for. */
function clockAt(known: KnownExperiment, given: { now: number; stored?: number }) {
  const sent: { command: ExperimentCommand; commandId: CommandId }[] = [];
  const ends: number[] = [];
  const time = { ...given, newest: 5, stored: given.stored ?? 5 };
  const handle = (
    _decider: unknown,
    _ref: unknown,
    command: ExperimentCommand,
    meta: { commandId: CommandId },
  ) => {
    sent.push({ command, commandId: meta.commandId });
    return Promise.resolve({});
  };
  const clock = new ExperimentClock({
    book: { get: () => known } as unknown as ExperimentBook,
    sightings: new Sightings(),
    commands: { handle: handle as unknown as HandlesCommands['handle'] },
    clock: { now: () => at(time.now) },
    log: { warn: () => undefined },
    orderedHashes: () => Promise.resolve(() => new Set()),
    newestMetric: () => Promise.resolve(time.newest),
    storedMetric: () => time.stored,
    verdictAt: (_experiment, end) => {
      ends.push(end);
      return Promise.resolve(verdict);
    },
  });
  return { clock, sent, ends, time };
}

describe('the experiment clock', () => {
  const running = experiment('running', { warmupAt: iso(10), measurementAt: iso(40) });

  it('fails a deployment that took too long, and names the missing hosts', async () => {
    const known = experiment('deploying');
    const early = clockAt(known, { now: 89 });
    await early.clock.step(known);
    expect(early.sent).toEqual([]);
    const late = clockAt(known, { now: 90 });
    await late.clock.step(known);
    expect(late.sent).toMatchObject([
      { command: { type: 'FailExperiment', reason: expect.stringContaining('h1') as unknown } },
    ]);
  });

  it('gives the last windows two windows of time to arrive, then concludes without them', async () => {
    const test = clockAt(running, { now: 184 });
    await test.clock.step(running);
    expect(test.sent).toEqual([]);
    test.time.now = 185;
    await test.clock.step(running);
    expect(test.sent).toMatchObject([{ command: { type: 'ConcludeExperiment', verdict } }]);
    expect(test.ends).toEqual([at(160)]);
  });

  it('waits for evidence that is in the stream and not yet in the rows', async () => {
    const test = clockAt(running, { now: 300, stored: 4 });
    await test.clock.step(running);
    expect(test.sent).toEqual([]);
    test.time.newest = 99;
    test.time.stored = 5;
    await test.clock.step(running);
    expect(test.sent).toHaveLength(1);
  });

  it('concludes with what there is when somebody asks for it', async () => {
    const test = clockAt(running, { now: 77 });
    expect(test.clock.requestConclusion('default', 'e1')).toBe(true);
    await test.clock.step(running);
    expect(test.ends).toEqual([at(70)]);
    expect(test.sent).toMatchObject([{ command: { type: 'ConcludeExperiment' } }]);
  });

  it('does not carry a request over a pause', async () => {
    const test = clockAt(running, { now: 77 });
    test.clock.requestConclusion('default', 'e1');
    await test.clock.step(experiment('warming', { warmupAt: iso(70) }));
    await test.clock.step(running);
    expect(test.sent).toEqual([]);
    expect(clockAt(experiment('paused'), { now: 0 }).clock.requestConclusion('default', 'e1')).toBe(false);
  });

  it('sends the same step at the same position under the same id, so that a restart repeats nothing', async () => {
    const [one, other] = [clockAt(running, { now: 200 }), clockAt(running, { now: 220 })];
    await one.clock.step(running);
    await other.clock.step(running);
    expect(one.sent[0]!.commandId).toBe(other.sent[0]!.commandId);
  });
});
