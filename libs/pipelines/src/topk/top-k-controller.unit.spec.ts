import fc from 'fast-check';
import { TopKController, type RankedProcess, type Ranking, type TopKSettings } from '../index.js';

const window = 10_000;
const settings: TopKSettings = { k: 2, rankBy: 'cpu', marginPercent: 10, minSecondsBetweenSwaps: 60 };
const process = (pid: number, value: number, executable = `p${pid}`): RankedProcess => ({
  pid,
  executable,
  value,
});
const pids = (decision: { selection: { members: readonly { pid: number }[] } }): readonly number[] =>
  decision.selection.members.map(({ pid }) => pid);

/** The definition of top k, written another way than the controller: by counting those that are better. */
function trueTopK(ranking: Ranking, k: number): readonly number[] {
  const betterThan = (one: RankedProcess): number =>
    ranking.filter((other) => other.value > one.value || (other.value === one.value && other.pid < one.pid))
      .length;
  return ranking
    .filter((one) => betterThan(one) < k)
    .map(({ pid }) => pid)
    .sort((a, b) => a - b);
}

const rankings = (values: fc.Arbitrary<number>): fc.Arbitrary<Ranking> =>
  fc
    .uniqueArray(fc.record({ pid: fc.integer({ min: 1, max: 30 }), value: values }), {
      minLength: 1,
      maxLength: 25,
      selector: ({ pid }) => pid,
    })
    .map((list) => list.map(({ pid, value }) => process(pid, value)));

describe('the top-k controller', () => {
  it('takes the true top k from its first ranking', () => {
    const controller = new TopKController(settings);
    const decision = controller.update([process(3, 0.1), process(1, 0.5), process(2, 0.9)], 0);
    expect(pids(decision)).toEqual([1, 2]);
    expect(decision).toMatchObject({ changed: true, reason: 'first-ranking' });
  });

  it('keeps a member against a newcomer that is only a little stronger', () => {
    const controller = new TopKController(settings);
    controller.update([process(1, 0.5), process(2, 0.4), process(3, 0.3)], 0);
    const later = [1, 2, 3].map((n) =>
      controller.update([process(1, 0.5), process(2, 0.4), process(3, 0.43)], n * 100 * window),
    );
    expect(later.map(({ changed, reason }) => ({ changed, reason }))).toEqual(
      later.map(() => ({ changed: false, reason: 'unchanged' })),
    );
  });

  it('lets a hot newcomer in after two windows although the last swap is recent', () => {
    const controller = new TopKController(settings);
    controller.update([process(1, 0.5), process(2, 0.4), process(3, 0.1)], 0);
    const hot = [process(1, 0.5), process(2, 0.4), process(3, 0.9)];
    expect(controller.update(hot, window)).toMatchObject({ changed: false, reason: 'cooling-down' });
    const second = controller.update(hot, 2 * window);
    expect(second).toMatchObject({ changed: true, reason: 'hot-newcomer' });
    expect(pids(second)).toEqual([1, 3]);
  });

  it('does not swap for a process that is hot in one window only', () => {
    const controller = new TopKController(settings);
    const calm = [process(1, 0.5), process(2, 0.4), process(3, 0.1)];
    controller.update(calm, 0);
    const spikes = [1, 2, 3, 4, 5].map((n) =>
      controller.update(n % 2 === 1 ? [...calm.slice(0, 2), process(3, 0.9)] : calm, n * window),
    );
    expect(spikes.filter(({ changed }) => changed)).toEqual([]);
  });

  it('treats a reused pid as another process', () => {
    const controller = new TopKController({ ...settings, minSecondsBetweenSwaps: 0 });
    controller.update([process(1, 0.5, 'nginx'), process(2, 0.4), process(3, 0.3)], 0);
    const decision = controller.update([process(1, 0.01, 'sleep'), process(2, 0.4), process(3, 0.3)], window);
    expect(decision.reason).toBe('vacancy');
    expect(decision.selection.members).toEqual([
      { pid: 2, executable: 'p2' },
      { pid: 3, executable: 'p3' },
    ]);
  });

  it('changes nothing on an empty ranking, which is no data', () => {
    const controller = new TopKController(settings);
    controller.update([process(1, 0.5)], 0);
    expect(controller.update([], window)).toMatchObject({
      changed: false,
      selection: { members: [{ pid: 1 }] },
    });
  });

  it('goes on from a resumed state', () => {
    const selection = { members: [{ pid: 3, executable: 'p3' }] };
    const controller = new TopKController({ ...settings, k: 1 }, { selection, swappedAt: 0 });
    expect(controller.update([process(3, 0.5), process(1, 0.51)], window)).toMatchObject({
      changed: false,
      selection,
    });
  });

  it('holds the true top k after two windows of a stable ranking with clear gaps, whatever was before', () => {
    const clear = fc
      .uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 25 })
      .chain((steps) =>
        fc
          .shuffledSubarray(
            Array.from({ length: 40 }, (_, n) => n + 1),
            { minLength: steps.length, maxLength: steps.length },
          )
          .map((ids) => ids.map((pid, index) => process(pid, 0.1 * 1.5 ** steps[index]!))),
      );
    fc.assert(
      fc.property(
        fc.array(rankings(fc.double({ min: 0, max: 4, noNaN: true })), { maxLength: 6 }),
        clear,
        fc.integer({ min: 1, max: 12 }),
        (history, stable, k) => {
          const controller = new TopKController({ ...settings, k, minSecondsBetweenSwaps: 20 });
          history.forEach((ranking, n) => controller.update(ranking, n * window));
          controller.update(stable, history.length * window);
          controller.update(stable, (history.length + 1) * window);
          const settled = controller.update(stable, (history.length + 2) * window);
          // Members that exited may stay in the set: their rules match nothing.
          const living = pids(settled).filter((pid) => stable.some((one) => one.pid === pid));
          expect(living).toEqual(trueTopK(stable, k));
          expect(settled.changed).toBe(false);
        },
      ),
    );
  });

  it('leaves out no process that beats a kept one by the margin for two windows, however long a set must rest', () => {
    fc.assert(
      fc.property(
        fc.array(rankings(fc.double({ min: 0, max: 4, noNaN: true })), { minLength: 1, maxLength: 8 }),
        (history) => {
          const controller = new TopKController({ ...settings, k: 5, minSecondsBetweenSwaps: 3600 });
          history.forEach((ranking, n) => controller.update(ranking, n * window));
          const last = history.at(-1)!;
          const kept = new Set(pids(controller.update(last, history.length * window)));
          const weakest = Math.min(...last.filter(({ pid }) => kept.has(pid)).map(({ value }) => value));
          const strongestOutside = Math.max(
            ...last.filter(({ pid }) => !kept.has(pid)).map(({ value }) => value),
          );
          expect(strongestOutside).toBeLessThanOrEqual(weakest * 1.1 + 0.005);
        },
      ),
    );
  });

  it('never swaps in two windows in a row while a set must rest, and never holds more than k', () => {
    const noisy = rankings(fc.double({ min: 0, max: 4, noNaN: true }));
    fc.assert(
      fc.property(
        fc.array(noisy, { minLength: 2, maxLength: 20 }),
        fc.integer({ min: 1, max: 8 }),
        (history, k) => {
          const controller = new TopKController({ ...settings, k, minSecondsBetweenSwaps: 20 });
          const decisions = history.map((ranking, n) => controller.update(ranking, n * window));
          decisions.forEach(({ changed, selection }, n) => {
            expect(changed && decisions[n - 1]?.changed === true).toBe(false);
            expect(selection.members.length).toBeLessThanOrEqual(k);
          });
        },
      ),
    );
  });

  it('decides the same from the same rankings in any order', () => {
    fc.assert(
      fc.property(rankings(fc.constantFrom(0, 0.5, 1)), (ranking) => {
        const one = new TopKController(settings).update(ranking, 0);
        const other = new TopKController(settings).update([...ranking].reverse(), 0);
        expect(other).toEqual(one);
      }),
    );
  });
});
