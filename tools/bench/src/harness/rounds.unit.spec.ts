import { alternate, inLanes } from './rounds.js';

describe('alternating rounds', () => {
  it('drop the first of each, let each begin in turn, and give the medians', async () => {
    const turns: string[] = [];
    const rates = { subject: [1000, 4, 6, 5], ceiling: [1000, 10, 30, 20] };
    const turn = (who: 'subject' | 'ceiling') => () => {
      turns.push(who);
      return Promise.resolve(rates[who].shift() ?? NaN);
    };

    const measured = await alternate({ subject: turn('subject'), ceiling: turn('ceiling') }, 3);

    expect(measured).toEqual({ value: 5, ceiling: 20 });
    expect(turns.slice(2)).toEqual(['ceiling', 'subject', 'subject', 'ceiling', 'ceiling', 'subject']);
  });
});

describe('lanes', () => {
  it('take their steps one after another, each lane beside the others', async () => {
    const inFlight = new Set<number>();
    let most = 0;
    const steps: string[] = [];
    await inLanes(3, 2, async (lane, n) => {
      expect(inFlight.has(lane)).toBe(false);
      inFlight.add(lane);
      most = Math.max(most, inFlight.size);
      await Promise.resolve();
      inFlight.delete(lane);
      steps.push(`${lane}.${n}`);
    });

    expect(most).toBe(3);
    expect(steps.sort()).toEqual(['0.0', '0.1', '1.0', '1.1', '2.0', '2.1']);
  });
});
