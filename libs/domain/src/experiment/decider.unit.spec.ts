import fc from 'fast-check';
import type { AggregateId, ExperimentEvent } from '#lib/events';
import { DomainError, fold } from '../kernel/index.js';
import { play, refusalOf, unstorable } from '../testing/decider-properties.js';
import { anyExperimentCommand, experimentCommands, pathTo } from '../testing/experiment-commands.js';
import { AT, hostId, spec, verdictOf } from '../testing/samples.js';
import {
  experimentDecider,
  experimentErrors,
  experimentPhases,
  experimentTransitions,
  type ExperimentCommand,
  type ExperimentState,
} from './index.js';

type Type = ExperimentCommand['type'];
type From = keyof typeof pathTo;

const stateIn = (phase: From): ExperimentState =>
  play(
    experimentDecider,
    pathTo[phase].map((type) => experimentCommands[type]),
  ).state;
const decide = (command: ExperimentCommand, state: ExperimentState) =>
  experimentDecider.decide(command, state);
const refusal = (command: ExperimentCommand, state: ExperimentState) =>
  refusalOf(experimentDecider, command, state);

/** Written out by hand on purpose: the table that the decider uses must agree with it, cell by cell. */
const legal: Record<From, readonly string[]> = {
  absent: ['DraftExperiment>draft'],
  draft: ['ReviseExperiment>draft', 'StartExperiment>deploying', 'ArchiveExperiment>archived'],
  deploying: [
    'BeginWarmup>warming',
    'RollBackExperiment>rolling_back',
    'StopExperiment>stopping',
    'FailExperiment>failed',
  ],
  warming: [
    'BeginWarmup>same',
    'BeginMeasurement>running',
    'PauseExperiment>paused',
    'RollBackExperiment>rolling_back',
    'StopExperiment>stopping',
    'FailExperiment>failed',
  ],
  running: [
    'BeginMeasurement>same',
    'PauseExperiment>paused',
    'ConcludeExperiment>concluded',
    'PromoteExperiment>promoting',
    'RollBackExperiment>rolling_back',
    'StopExperiment>stopping',
    'FailExperiment>failed',
  ],
  paused: ['ResumeExperiment>warming', 'RollBackExperiment>rolling_back', 'StopExperiment>stopping'],
  concluded: [
    'ConcludeExperiment>same',
    'PromoteExperiment>promoting',
    'RollBackExperiment>rolling_back',
    'StopExperiment>stopping',
  ],
  promoting: ['ConfirmPromotion>promoted', 'RollBackExperiment>rolling_back'],
  promoted: ['ConfirmPromotion>same', 'RollBackExperiment>rolling_back', 'ArchiveExperiment>archived'],
  rolling_back: ['ConfirmRollback>rolled_back'],
  rolled_back: ['ConfirmRollback>same', 'ArchiveExperiment>archived'],
  stopping: ['ConfirmStop>stopped'],
  stopped: ['ConfirmStop>same', 'ArchiveExperiment>archived'],
  failed: ['FailExperiment>same', 'ArchiveExperiment>archived'],
  archived: ['ArchiveExperiment>same'],
};
const commandTypes = Object.keys(experimentTransitions) as Type[];
const cells = (Object.keys(legal) as From[]).flatMap((phase) =>
  commandTypes.map((type) => ({
    phase,
    type,
    to: legal[phase].find((move) => move.startsWith(`${type}>`))?.split('>')[1] ?? 'refused',
  })),
);

describe('the state machine of an experiment', () => {
  test.each(cells)('$type in $phase: $to', ({ phase, type, to }) => {
    const state = stateIn(phase);
    expect(state.phase).toBe(phase);
    const command = experimentCommands[type];
    if (to === 'refused') {
      const code = refusal(command, state);
      expect(Object.keys(experimentErrors)).toContain(code);
      return;
    }
    const events = decide(command, state);
    expect(events).toHaveLength(to === 'same' ? 0 : 1);
    expect(fold(experimentDecider, events, state).phase).toBe(to === 'same' ? phase : to);
  });

  test.each([
    ['PauseExperiment', 'absent', 'experiment-not-found'],
    ['DraftExperiment', 'running', 'experiment-already-exists'],
    ['StartExperiment', 'running', 'experiment-already-started'],
    ['ReviseExperiment', 'stopped', 'experiment-already-started'],
    ['StopExperiment', 'draft', 'experiment-not-started'],
    ['PauseExperiment', 'stopped', 'experiment-ended'],
    ['PauseExperiment', 'deploying', 'experiment-not-pausable'],
    ['ResumeExperiment', 'running', 'experiment-not-paused'],
    ['ConcludeExperiment', 'warming', 'experiment-not-running'],
    ['PromoteExperiment', 'warming', 'experiment-not-promotable'],
    ['RollBackExperiment', 'stopping', 'experiment-not-rollbackable'],
    ['StopExperiment', 'promoting', 'experiment-not-stoppable'],
    ['FailExperiment', 'concluded', 'experiment-cannot-fail'],
    ['ArchiveExperiment', 'running', 'experiment-still-active'],
  ] as const)('%s in %s is refused as %s', (type, phase, code) => {
    expect(refusal(experimentCommands[type], stateIn(phase))).toBe(code);
  });

  test('a refusal carries a sentence and what to do', () => {
    const attempt = () => decide(experimentCommands.StopExperiment, stateIn('draft'));
    expect(attempt).toThrow(DomainError);
    expect(attempt).toThrow(/still a draft/);
  });

  test('no order of commands leaves the state machine, and the state is the fold of the events', () => {
    fc.assert(
      fc.property(fc.array(anyExperimentCommand, { maxLength: 40 }), (commands) => {
        const { state, events, refusals } = play(experimentDecider, commands);
        expect(['absent', ...experimentPhases]).toContain(state.phase);
        expect(fold(experimentDecider, events)).toEqual(state);
        expect(unstorable('experiment', events)).toEqual([]);
        expect(refusals.filter((code) => !Object.hasOwn(experimentErrors, code))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('a damaged history is refused loudly', () => {
    const paused: ExperimentEvent = {
      type: 'ExperimentPaused',
      data: { at: AT, reason: '', mode: 'graceful' },
    };
    expect(() => experimentDecider.evolve({ phase: 'absent' }, paused)).toThrow(/cannot follow/);
    const archived: ExperimentEvent = { type: 'ExperimentArchived', data: { at: AT } };
    expect(() => experimentDecider.evolve({ phase: 'absent' }, archived)).toThrow(/cannot follow/);
  });
});

describe('the description of an experiment', () => {
  const draft = (change: Partial<typeof spec>): ExperimentCommand => ({
    type: 'DraftExperiment',
    at: AT,
    spec: { ...spec, ...change },
  });

  test('a minimum above the maximum is refused', () => {
    const schedule = { ...spec.schedule, minimumSeconds: 300 };
    expect(refusal(draft({ schedule }), { phase: 'absent' })).toBe('invalid-schedule');
    expect(
      refusal({ ...experimentCommands.ReviseExperiment, spec: { ...spec, schedule } }, stateIn('draft')),
    ).toBe('invalid-schedule');
  });

  test('a guardrail named twice is refused', () => {
    const guardrail = { kpi: 'collectorCpu', margin: 0.1 } as const;
    expect(refusal(draft({ guardrails: [guardrail, guardrail] }), { phase: 'absent' })).toBe(
      'duplicate-guardrail',
    );
  });

  test('a clone says where it came from, and another draft does not', () => {
    const from = 'exp-1' as AggregateId;
    const [clone] = decide({ ...draft({}), clonedFrom: from } as ExperimentCommand, { phase: 'absent' });
    expect(clone?.data).toEqual({ at: AT, spec, clonedFrom: from });
    const [plain] = decide(draft({}), { phase: 'absent' });
    expect(plain?.data).toEqual({ at: AT, spec });
  });

  test('the same pipeline twice is allowed: that is an A/A run', () => {
    expect(refusal(draft({ candidate: spec.baseline }), { phase: 'absent' })).toBeUndefined();
  });
});

describe('starting an experiment', () => {
  const start = experimentCommands.StartExperiment;

  test('freezes hosts, pipelines and the revised description', () => {
    const { state } = play(experimentDecider, [
      experimentCommands.DraftExperiment,
      experimentCommands.ReviseExperiment,
      { ...start, hosts: [hostId('h1'), hostId('h1')] },
    ]);
    expect(state).toMatchObject({
      phase: 'deploying',
      spec: { name: 'even fewer' },
      run: { hosts: ['h1'], startedAt: AT, candidate: { template: 'topk' } },
    });
  });

  test('needs a host', () => {
    expect(refusal({ ...start, hosts: [] }, stateIn('draft'))).toBe('no-target-hosts');
  });

  test('is refused with the names of busy hosts and their experiments, if they are among the targets', () => {
    const busyHosts = [{ host: hostId('h2'), experimentId: 'e9' }];
    expect(() => decide({ ...start, busyHosts }, stateIn('draft'))).toThrow(/h2 \(e9\)/);
    expect(refusal({ ...start, busyHosts }, stateIn('draft'))).toBe('hosts-busy');
    expect(refusal({ ...start, busyHosts, hosts: [hostId('h1')] }, stateIn('draft'))).toBeUndefined();
  });
});

describe('promotion', () => {
  const promote = (despiteVerdict: boolean, reason = 'we accept the loss') => ({
    ...experimentCommands.PromoteExperiment,
    despiteVerdict,
    reason,
  });
  const concludedWith = (decision: Parameters<typeof verdictOf>[0]) =>
    play(experimentDecider, [
      ...pathTo.running.map((type) => experimentCommands[type]),
      { ...experimentCommands.ConcludeExperiment, verdict: verdictOf(decision) },
    ]).state;

  test('follows a verdict that promotes, and the record says that it did', () => {
    expect(decide(promote(true, ''), concludedWith('promote'))).toEqual([
      { type: 'ExperimentPromotionRequested', data: { at: AT, reason: '', despiteVerdict: false } },
    ]);
  });

  test.each(['keep-baseline', 'inconclusive', 'invalid'] as const)(
    'against the verdict %s needs despiteVerdict and a reason',
    (decision) => {
      const state = concludedWith(decision);
      expect(refusal(promote(false), state)).toBe('verdict-does-not-promote');
      expect(refusal(promote(true, ' '), state)).toBe('reason-required');
      expect(decide(promote(true), state)).toMatchObject([{ data: { despiteVerdict: true } }]);
    },
  );

  test('of a running experiment needs despiteVerdict', () => {
    expect(refusal(promote(false), stateIn('running'))).toBe('experiment-not-promotable');
    expect(refusal(promote(true), stateIn('running'))).toBeUndefined();
  });
});

describe('pause and rollback', () => {
  test('a resumed experiment warms up anew and what it measured before no longer counts', () => {
    const later = '2026-05-04T11:00:00.000Z';
    const { state } = play(experimentDecider, [
      ...pathTo.running.map((type) => experimentCommands[type]),
      experimentCommands.PauseExperiment,
      { type: 'ResumeExperiment', at: later },
    ]);
    expect(state).toMatchObject({ phase: 'warming', run: { warmupAt: later } });
    expect(state).not.toHaveProperty('run.measurementAt');
  });

  test.each([
    ['PauseExperiment', 'running', 'ExperimentPaused'],
    ['StopExperiment', 'concluded', 'ExperimentStopRequested'],
  ] as const)('%s says how the candidate is to be stopped', (type, phase, event) => {
    const command = { ...experimentCommands[type], mode: 'instant' } as const;
    const events = decide(command, stateIn(phase));
    expect(events).toMatchObject([{ type: event, data: { mode: 'instant' } }]);
    expect(fold(experimentDecider, events, stateIn(phase))).toMatchObject({ run: { stopMode: 'instant' } });
  });

  test('a resumed experiment has forgotten how it was stopped', () => {
    const pause = { ...experimentCommands.PauseExperiment, mode: 'instant' } as const;
    const paused = fold(experimentDecider, decide(pause, stateIn('running')), stateIn('running'));
    const resumed = fold(experimentDecider, decide(experimentCommands.ResumeExperiment, paused), paused);
    expect(resumed).toMatchObject({ phase: 'warming' });
    expect('run' in resumed && 'stopMode' in resumed.run).toBe(false);
  });

  test('a rollback says how, by whom and where to', () => {
    const command = {
      ...experimentCommands.RollBackExperiment,
      mode: 'instant',
      requestedBy: 'guardrail',
    } as const;
    const [event] = decide(command, stateIn('promoted'));
    expect(event).toMatchObject({
      type: 'RollbackRequested',
      data: { aggregate: 'experiment', mode: 'instant', requestedBy: 'guardrail', target: 'baseline' },
    });
    expect(fold(experimentDecider, [event!], stateIn('promoted'))).toMatchObject({
      run: { stopMode: 'instant' },
    });
  });
});
