import fc from 'fast-check';
import { faultKinds } from '../plan/steps.js';
import { netnsPlanOf } from './plan.js';
import { isNetFault, netFaultKinds } from './steps.js';

const PROXY_KINDS = ['stall', 'slow', 'reset'];
const kills = faultKinds.filter((kind) => !PROXY_KINDS.includes(kind));
const options = { hosts: 4, withLeaf: [1, 3], rounds: kills.length + netFaultKinds.length };
const seeds = fc.integer({ min: 1, max: 1_000_000 });
const faultsOf = (seed: number) => netnsPlanOf(seed, options).rounds.flatMap(({ faults }) => faults);

describe('the plan of a seed on real links', () => {
  it('is the same each time', () => {
    fc.assert(
      fc.property(seeds, (seed) => expect(netnsPlanOf(seed, options)).toEqual(netnsPlanOf(seed, options))),
    );
  });

  it('is another for another seed', () => {
    const plans = [1, 2, 3, 4, 5].map((seed) => JSON.stringify(netnsPlanOf(seed, options).rounds));
    expect(new Set(plans).size).toBe(plans.length);
  });

  it('has each fault of a link and each kill, and none of a proxy', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const kinds = new Set<string>(faultsOf(seed).map(({ kind }) => kind));
        expect([...kinds].sort()).toEqual([...kills, ...netFaultKinds].sort());
      }),
    );
  });

  it('gives a site one fault of its links at a time', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const { faults } of netnsPlanOf(seed, options).rounds) {
          const hosts = faults.filter(isNetFault).flatMap((fault) => ('host' in fault ? [fault.host] : []));
          expect(new Set(hosts).size).toBe(hosts.length);
        }
      }),
    );
  });

  it('strikes leafs only where there is one, and who is struck has something to do', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const { faults, works } of netnsPlanOf(seed, options).rounds)
          for (const fault of faults.filter(isNetFault)) {
            if ('part' in fault && fault.part === 'leaf') expect(options.withLeaf).toContain(fault.host);
            if ('host' in fault)
              expect(works.some((work) => work.kind === 'ask' && work.host === fault.host)).toBe(true);
          }
      }),
    );
  });
});
