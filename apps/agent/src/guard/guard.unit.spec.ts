import type { ApplyCollectors, CollectorOrder } from '#lib/agent-protocol';
import { CrashLoops } from './crash-loop.js';
import { fallBackOf } from './fall-back.js';

const collector = (
  variant: CollectorOrder['variant'],
  role: CollectorOrder['role'],
  configHash = variant,
): CollectorOrder => ({
  ...{ variant, role, configHash, rendered: {} },
});

const order = (generation: number, ...collectors: CollectorOrder[]): ApplyCollectors => ({
  ...{ kind: 'ApplyCollectors', taskId: `g${generation}`, generation, experimentId: 'e1', drain: true },
  ...{ criticalProcesses: [], collectors },
});

describe('the crash-loop verdict', () => {
  it('waits longer after each exit and calls the fourth within two minutes a loop', () => {
    const loops = new CrashLoops();
    const verdicts = [0, 1000, 2000, 3000].map((at) => loops.note('candidate', at));

    expect(verdicts.map(({ pauseMs }) => pauseMs)).toEqual([500, 1000, 2000, 4000]);
    expect(verdicts.map(({ isLoop }) => isLoop)).toEqual([false, false, false, true]);
  });

  it('forgets old exits and keeps collectors apart', () => {
    const loops = new CrashLoops();
    for (const at of [0, 1000, 2000]) loops.note('candidate', at);

    expect(loops.note('baseline', 3000).exits).toBe(1);
    expect(loops.note('candidate', 121_500)).toEqual({ exits: 2, isLoop: false, pauseMs: 1000 });
  });
});

describe('falling back', () => {
  const experiment = order(1, collector('baseline', 'live'), collector('candidate', 'shadow'));

  it('goes on with the live collector when the shadow is broken', () => {
    const rest = fallBackOf(experiment, collector('candidate', 'shadow'), null);
    expect(rest?.collectors.map(({ variant }) => variant)).toEqual(['baseline']);
  });

  it('returns to what fed the backend before when the promoted one is broken', () => {
    const promoted = order(2, collector('candidate', 'live'));
    const rest = fallBackOf(promoted, collector('candidate', 'live'), experiment);
    expect(rest?.collectors).toEqual([collector('baseline', 'live')]);
  });

  it('has nothing to return to when the only one is broken, or the earlier one is the same', () => {
    const alone = order(1, collector('baseline', 'live'));
    expect(fallBackOf(alone, collector('baseline', 'live'), null)).toBeUndefined();
    expect(
      fallBackOf(alone, collector('baseline', 'live'), order(0, collector('baseline', 'live'))),
    ).toBeUndefined();
  });
});
