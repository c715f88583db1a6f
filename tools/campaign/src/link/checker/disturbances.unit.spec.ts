import type { HistoryLine } from '../history/lines.js';
import { at, goodHistory } from '../testing/good-history.js';
import { check } from './index.js';

/** t1 was answered long before a gateway left at 60 s, and comes to its host once more afterwards. */
const again: HistoryLine = {
  ...{ type: 'handed', at: at(62), host: 'h1', epoch: 'e1', boot: 'b1' },
  ...{ taskId: 't1', kind: 'RestartCollector', status: 'duplicate' },
};
const healedAt = (seconds: number): HistoryLine => ({
  ...{ type: 'link-healed', at: at(seconds), kind: 'long-cut', node: 'direct', wentOffline: false },
  ...{ tcp: {}, link: {}, hub: {} },
});
const LEFT = 'a leaving gateway abandons nothing (P17)';
const isFound = (...more: readonly HistoryLine[]): boolean =>
  check([...goodHistory(), again, ...more]).some(({ property }) => property === LEFT);

describe('what a real link held back', () => {
  it('comes late without being handed over again', () => {
    expect(isFound(healedAt(55))).toBe(false);
  });

  it('has long come where the link was good again in time', () => {
    expect(isFound(healedAt(20))).toBe(true);
  });
});
