import { judge, type Goal } from './bench.js';

const metric = (goal: Goal) => ({ name: 'events.append', unit: 'commits/s', goal });

describe('a measurement', () => {
  it('meets a ratio from the very target on', () => {
    const goal: Goal = { kind: 'ratio', atLeast: 0.5 };
    expect(judge(metric(goal), { value: 50, ceiling: 100 })).toEqual({
      name: 'events.append',
      value: 50,
      unit: 'commits/s',
      ceiling: 100,
      ratio: 0.5,
      target: 0.5,
      met: true,
    });
    expect(judge(metric(goal), { value: 49, ceiling: 100 })).toMatchObject({ ratio: 0.49, met: false });
  });

  it('meets a limit up to the very limit', () => {
    const goal: Goal = { kind: 'limit', atMost: 250 };
    expect(judge(metric(goal), { value: 250 })).toMatchObject({ ceiling: null, ratio: null, met: true });
    expect(judge(metric(goal), { value: 251 })).toMatchObject({ target: 250, met: false });
  });

  it('without a goal is neither met nor missed', () => {
    expect(judge(metric({ kind: 'reported' }), { value: 3, ceiling: 4 })).toMatchObject({
      ratio: 0.75,
      target: null,
      met: null,
    });
  });

  it('of a ratio needs its ceiling', () => {
    expect(() => judge(metric({ kind: 'ratio', atLeast: 1 }), { value: 1 })).toThrow('no ceiling');
  });
});
