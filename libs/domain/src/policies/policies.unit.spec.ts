import type { Decision } from '#lib/events';
import { experimentDecider, type ExperimentState } from '../experiment/index.js';
import { fold } from '../kernel/index.js';
import { play } from '../testing/decider-properties.js';
import { experimentCommands, pathTo } from '../testing/experiment-commands.js';
import { AT, hostId, verdictOf } from '../testing/samples.js';
import { deadlines, desiredCollectors, experimentClockStep, type ClockEvidence } from './index.js';

const stateIn = (phase: keyof typeof pathTo): ExperimentState =>
  play(
    experimentDecider,
    pathTo[phase].map((type) => experimentCommands[type]),
  ).state;

const START = Date.parse(AT);
const after = (seconds: number) => START + seconds * 1000;
const all: ClockEvidence = { everyHostReportsBothVariants: true, missingHosts: [] };
const some: ClockEvidence = {
  everyHostReportsBothVariants: false,
  missingHosts: [1, 2, 3, 4, 5, 6, 7].map((n) => hostId(`h${n}`)),
};

describe('the desired collectors', () => {
  test.each([
    ['absent draft archived', []],
    ['deploying warming running concluded', ['baseline live', 'candidate shadow']],
    ['paused stopping stopped failed rolling_back rolled_back', ['baseline live']],
    ['promoting promoted', ['candidate live']],
  ] as const)('of %s', (phases, expected) => {
    for (const phase of phases.split(' ') as (keyof typeof pathTo)[])
      expect(desiredCollectors(stateIn(phase)).map(({ variant, role }) => `${variant} ${role}`)).toEqual(
        expected,
      );
  });
});

describe('the deadlines', () => {
  test('follow from the state alone', () => {
    expect(deadlines(stateIn('draft'))).toEqual({});
    expect(deadlines(stateIn('deploying'))).toEqual({ deployment: after(90) });
    expect(deadlines(stateIn('running'))).toEqual({
      deployment: after(90),
      warmupEnd: after(30),
      warmupLimit: after(120),
      minimumEnd: after(60),
      maximumEnd: after(120),
    });
  });
});

describe('the experiment clock', () => {
  const step = (phase: keyof typeof pathTo, evidence: ClockEvidence, seconds: number) =>
    experimentClockStep(stateIn(phase), evidence, after(seconds));
  const withVerdict = (decision: Decision, change: Partial<ClockEvidence> = {}) => ({
    ...all,
    verdict: verdictOf(decision),
    ...change,
  });

  test('begins the warm-up as soon as every host reports both variants', () => {
    expect(step('deploying', all, 5)).toEqual({ type: 'BeginWarmup', at: '2026-05-04T10:00:05.000Z' });
    expect(step('deploying', some, 89)).toBeUndefined();
  });

  test('fails a deployment that takes too long, and names hosts', () => {
    expect(step('deploying', some, 90)).toMatchObject({
      type: 'FailExperiment',
      reason: expect.stringMatching(/7 host\(s\).*h1, h2, h3, h4, h5 and 2 more/) as unknown,
    });
  });

  test('begins the measurement after warm-up, and only with every host', () => {
    expect(step('warming', all, 29)).toBeUndefined();
    expect(step('warming', all, 30)).toMatchObject({ type: 'BeginMeasurement' });
    expect(step('warming', some, 119)).toBeUndefined();
    expect(step('warming', some, 120)).toMatchObject({ type: 'FailExperiment' });
  });

  test('concludes at the maximum with whatever verdict there is', () => {
    expect(step('running', withVerdict('inconclusive'), 119)).toBeUndefined();
    expect(step('running', withVerdict('inconclusive'), 120)).toMatchObject({ type: 'ConcludeExperiment' });
    expect(step('running', all, 500)).toBeUndefined();
  });

  test('concludes a decided experiment at the minimum only where that is allowed', () => {
    const early = { mayConcludeEarly: true };
    expect(step('running', withVerdict('promote'), 60)).toBeUndefined();
    expect(step('running', withVerdict('promote', early), 59)).toBeUndefined();
    expect(step('running', withVerdict('promote', early), 60)).toMatchObject({ type: 'ConcludeExperiment' });
    expect(step('running', withVerdict('inconclusive', early), 60)).toBeUndefined();
  });

  test('concludes when a person asks for it', () => {
    expect(step('running', withVerdict('invalid', { conclusionRequested: true }), 1)).toMatchObject({
      verdict: { decision: 'invalid' },
    });
  });

  test('gives only commands that the experiment accepts, and has nothing to do in any other phase', () => {
    for (const phase of Object.keys(pathTo) as (keyof typeof pathTo)[]) {
      const command = step(phase, withVerdict('promote'), 1000);
      expect(command === undefined).toBe(!['deploying', 'warming', 'running'].includes(phase));
      if (command === undefined) continue;
      const state = stateIn(phase);
      const next = fold(experimentDecider, experimentDecider.decide(command, state), state);
      expect(next.phase).not.toBe(phase);
    }
  });
});
