import fc from 'fast-check';
import { planOf } from './plan.js';
import { faultKinds } from './steps.js';

const options = {
  ...{ hosts: 4, withLeaf: [1, 3], oneDoor: [0, 1, 2], pinged: [0, 1] },
  rounds: faultKinds.length,
};
const seeds = fc.integer({ min: 1, max: 1_000_000 });

describe('the plan of a seed', () => {
  it('is the same each time', () => {
    fc.assert(fc.property(seeds, (seed) => expect(planOf(seed, options)).toEqual(planOf(seed, options))));
  });

  it('is another for another seed', () => {
    const plans = [1, 2, 3, 4, 5].map((seed) => JSON.stringify(planOf(seed, options).rounds));
    expect(new Set(plans).size).toBe(plans.length);
  });

  it('has each kind of fault once before one comes twice', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const kinds = planOf(seed, options).rounds.map(({ faults }) => faults[0]?.kind);
        expect(new Set(kinds)).toEqual(new Set(faultKinds));
      }),
    );
  });

  it('kills only leafs that are there, and gives who is struck something to do', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const { faults, works } of planOf(seed, options).rounds)
          for (const fault of faults) {
            if (fault.kind === 'leaf-killed') expect(options.withLeaf).toContain(fault.host);
            if ('host' in fault)
              expect(works.some((work) => work.kind === 'ask' && work.host === fault.host)).toBe(true);
          }
      }),
    );
  });

  it('cuts a host off for long, which nothing else strikes, and leaves the middle alone until it was noticed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { longStall, rounds } = planOf(seed, options);
        expect(longStall).toBeDefined();
        const { from, hosts, noticed, until } = longStall!;
        expect(options.pinged).toContain(hosts[0]);
        expect(from < noticed && noticed <= until && until <= rounds.length).toBe(true);
        rounds.slice(from, until).forEach(({ faults }, i) => {
          for (const fault of faults) {
            if ('host' in fault) expect(hosts).not.toContain(fault.host);
            if (i < noticed - from) expect(fault.kind).not.toMatch(/gateway|hub/);
          }
        });
      }),
    );
  });

  it('knows no long cut where only the middle is struck', () => {
    expect(planOf(1, { ...options, kinds: ['gateway-left'] }).longStall).toBeUndefined();
  });
});
