import fc from 'fast-check';
import {
  AdaptiveController,
  type AdaptiveDecision,
  type AdaptiveSettings,
  type ProcessUse,
} from '../index.js';

const window = 10_000;
const hour = 3_600_000;
const host = { cores: 4, memoryBytes: 8e9 };
const settings: AdaptiveSettings = {
  ...{ cpuCores: 0.1, memoryBytes: 0, offPercent: 50, minSecondsBetweenSwaps: 30, maxSwapsPerHour: 4 },
  ...{ criticalProcesses: ['db'], factors: [1, 1.5, 2], maxProcesses: 5 },
};
const use = (pid: number, cores: number, executable = `p${pid}`): ProcessUse => ({
  ...{ pid, executable, cores, memoryBytes: 1e6 },
});
const pids = ({ selection }: AdaptiveDecision): readonly number[] => selection.members.map(({ pid }) => pid);

/** Plays windows one after another, from a first one at time 0. */
function play(
  of: AdaptiveController,
  windows: readonly (readonly ProcessUse[])[],
): readonly AdaptiveDecision[] {
  return windows.map((uses, n) => of.update(uses, n * window));
}

/** Twelve processes that come, go and change their load; every third is critical. */
const anyWindow = fc
  .array(fc.noBias(fc.record({ isThere: fc.boolean(), percent: fc.integer({ min: 0, max: 100 }) })), {
    minLength: 12,
    maxLength: 12,
  })
  .map((all) => all.map((one, index) => ({ ...one, pid: index + 1 })))
  .map((all) => [
    use(13, 0),
    ...all
      .filter(({ isThere }) => isThere)
      .map(({ percent, pid }) => use(pid, percent / 100, pid % 3 === 0 ? 'db' : `p${pid}`)),
  ]);
const anyWindows = fc.array(anyWindow, { minLength: 1, maxLength: 40 });

/** Those of the selection that are there, and every critical one: what a collector would let through. */
function kept(decision: AdaptiveDecision, uses: readonly ProcessUse[]): readonly ProcessUse[] {
  const members = new Set(decision.selection.members.map(({ pid, executable }) => `${pid} ${executable}`));
  return uses.filter(({ pid, executable }) => executable === 'db' || members.has(`${pid} ${executable}`));
}

describe('the adaptive controller', () => {
  it('takes what is above a limit from its first window, and no more than the cap', () => {
    const uses = [use(1, 0.2), use(2, 0.05), use(3, 0.3), use(9, 0, 'db')];
    expect(new AdaptiveController(settings, host).update(uses, 0)).toMatchObject({
      ...{ changed: true, reason: 'first-ranking', selection: { members: [{ pid: 1 }, { pid: 3 }] } },
    });
    const tight = new AdaptiveController({ ...settings, maxProcesses: 2 }, host);
    expect(pids(tight.update(uses, 0))).toEqual([3]);
  });

  it('counts memory by its own limit, and a limit of zero never', () => {
    const byMemory = new AdaptiveController({ ...settings, cpuCores: 0, memoryBytes: 1e6 + 1 }, host);
    expect(pids(byMemory.update([use(1, 4), { ...use(2, 0), memoryBytes: 2e6 }], 0))).toEqual([2]);
  });

  it('keeps a member down to the off share, and lets it go when it was below for two windows', () => {
    const controller = new AdaptiveController(settings, host);
    const at = (cores: number) => [use(1, cores), use(2, 0.2)];
    const decisions = play(controller, [at(0.2), at(0.06), at(0.06), at(0.06), at(0.04), at(0.04), at(0.04)]);
    expect(decisions.map(({ reason }) => reason)).toEqual([
      ...['first-ranking', 'unchanged', 'unchanged', 'unchanged'],
      ...['cooling-down', 'cold-members', 'unchanged'],
    ]);
    expect(pids(decisions.at(-1)!)).toEqual([2]);
  });

  it('raises its limits while the host is loaded, and only lowers them well below', () => {
    const controller = new AdaptiveController({ ...settings, minSecondsBetweenSwaps: 0 }, host);
    const load = (cores: number) => [use(1, 0.16), use(2, cores)];
    expect(pids(controller.update(load(1), 0))).toEqual([1, 2]);
    // Full: the limit is 0.2, and half of it keeps the member; a process of that use would not come in.
    expect(pids(controller.update(load(3.9), window))).toEqual([1, 2]);
    const fresh = new AdaptiveController(settings, host);
    expect(pids(fresh.update(load(3.9), 0))).toEqual([2]);
    const reasons = [3.2, 2.9, 2.9].map((cores, n) => fresh.update(load(cores), (n + 1) * window).reason);
    expect(reasons).toEqual(['unchanged', 'unchanged', 'unchanged']);
    expect([1, 1].map((cores, n) => fresh.update(load(cores), (n + 4) * window).reason)).toEqual([
      ...['waiting', 'hot-newcomer'],
    ]);
  });

  it('moves the number of places with the load where it has a floor and a ceiling', () => {
    const dynamic = { ...settings, cpuCores: 0.01, maxProcesses: 100, k: { min: 1, max: 3 } };
    const calm = [use(1, 0.3), use(2, 0.2), use(3, 0.1), use(4, 0.05)];
    const full = calm.map((process) => ({ ...process, cores: process.cores * 6 }));
    const controller = new AdaptiveController(dynamic, host);
    expect(play(controller, [calm, full, full]).map((decision) => pids(decision))).toEqual([
      ...[[1], [1], [1, 2, 3]],
    ]);
    const idle = new AdaptiveController({ ...dynamic, cpuCores: 1 }, host);
    expect(pids(idle.update(calm, 0))).toEqual([1]);
  });

  it('says when the changes of an hour are used up, and goes on when they are not any more', () => {
    const controller = new AdaptiveController({ ...settings, maxSwapsPerHour: 1 }, host);
    const hot = (...all: readonly number[]) => [1, 2, 3].map((pid) => use(pid, all.includes(pid) ? 0.5 : 0));
    const reasons = play(controller, [hot(1), hot(1, 2), hot(1, 2), hot(1, 2, 3), hot(1, 2, 3)]).map(
      ({ reason }) => reason,
    );
    expect(reasons).toEqual(['first-ranking', 'waiting', 'hot-newcomer', 'waiting', 'budget-is-used-up']);
    expect(controller.update(hot(1, 2, 3), 2 * window + hour)).toMatchObject({ changed: true });
  });

  it('goes on from the state of another one that had settled', () => {
    const restful = { ...settings, factors: [1, 1, 1], maxSwapsPerHour: 60 } as const;
    fc.assert(
      fc.property(anyWindow, anyWindows, (before, after) => {
        const whole = new AdaptiveController(restful, host);
        play(whole, Array<readonly ProcessUse[]>(8).fill(before));
        const resumed = new AdaptiveController(restful, host, whole.state);
        const goOn = (of: AdaptiveController) => after.map((uses, n) => of.update(uses, (8 + n) * window));
        expect(goOn(resumed)).toEqual(goOn(whole));
      }),
    );
  });

  it('changes nothing without data', () => {
    const controller = new AdaptiveController(settings, host);
    expect(controller.update([], 0)).toEqual({
      selection: { members: [] },
      changed: false,
      reason: 'unchanged',
    });
    expect(controller.state).toBeUndefined();
  });

  it('never keeps more than the cap, unless critical ones alone are more or no change is left', () => {
    fc.assert(
      fc.property(anyWindows, fc.integer({ min: 0, max: 8 }), (windows, maxProcesses) => {
        const controller = new AdaptiveController({ ...settings, maxProcesses, maxSwapsPerHour: 60 }, host);
        play(controller, windows).forEach((decision, n) => {
          const uses = windows[n]!;
          const critical = uses.filter(({ executable }) => executable === 'db').length;
          expect(kept(decision, uses).length).toBeLessThanOrEqual(Math.max(maxProcesses, critical));
        });
      }),
    );
  });

  it('changes at most so often in any hour', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyWindow, fc.integer({ min: 1, max: 30 })), { minLength: 30, maxLength: 60 }),
        (scenes) => {
          // Each scene lasts for two windows, so that it is taken seriously.
          const steps = scenes.flatMap(([uses, wait]) => [[uses, wait] as const, [uses, 1] as const]);
          const controller = new AdaptiveController(settings, host);
          let at = 0;
          const changes: number[] = [];
          for (const [uses, wait] of steps) {
            at += wait * window;
            const { changed, reason } = controller.update(uses, at);
            if (changed && reason !== 'first-ranking') changes.push(at);
          }
          for (const begin of changes)
            expect(changes.filter((time) => time >= begin && time < begin + hour).length).toBeLessThanOrEqual(
              settings.maxSwapsPerHour,
            );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('settles when the load does, whatever was before', () => {
    const k = fc.option(fc.constant({ min: 2, max: 4 }), { nil: undefined });
    fc.assert(
      fc.property(anyWindows, anyWindow, k, (history, last, seats) => {
        const controller = new AdaptiveController({ ...settings, k: seats, maxSwapsPerHour: 60 }, host);
        play(controller, history);
        const at = (n: number): number => (history.length + n) * window + hour;
        const decisions = Array.from({ length: 12 }, (_, n) => controller.update(last, at(n)));
        expect(decisions.slice(6).map(({ reason }) => reason)).toEqual(Array(6).fill('unchanged'));
      }),
    );
  });

  it('has a hot process in after two windows, or says that the changes are used up', () => {
    fc.assert(
      fc.property(anyWindows, anyWindow, fc.integer({ min: 1, max: 4 }), (history, last, perHour) => {
        const controller = new AdaptiveController({ ...settings, maxSwapsPerHour: perHour }, host);
        play(controller, history);
        const calm = last.filter(({ executable }) => executable !== 'db').slice(0, 4);
        const hot = use(99, 3);
        const at = (n: number): number => (history.length + n) * window;
        const decisions = [0, 1].map((n) => controller.update([...calm, hot], at(n)));
        if (decisions[1]?.reason !== 'budget-is-used-up') expect(pids(decisions[1]!)).toContain(99);
        else expect(controller.state?.changes.length).toBe(perHour);
      }),
    );
  });
});
