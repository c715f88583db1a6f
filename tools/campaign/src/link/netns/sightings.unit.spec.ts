import type { LineOf } from '../history/lines.js';
import { at, goodHistory } from '../testing/good-history.js';
import { kernelSection } from './page.js';
import { isSeen, sightingsOf, together } from './sightings.js';
import { netFaultKinds } from './steps.js';

type Healed = LineOf<'link-healed'>;
const nothing: Healed = {
  ...{ type: 'link-healed', at: at(9), kind: 'cut', node: 'direct', wentOffline: false },
  ...{ tcp: {}, link: {}, hub: {} },
};

describe('what the kernel saw', () => {
  it.each(netFaultKinds)('is nothing of a %s that left no trace', (kind) => {
    expect(isSeen({ ...nothing, kind })).toBe(false);
  });

  it.each<[Partial<Healed>]>([
    [{ kind: 'cut', link: { carrierDowns: 1 } }],
    [{ kind: 'offline', link: { carrierDowns: 1 }, wentOffline: true }],
    [{ kind: 'throttled', link: { overlimits: 1 } }],
    [{ kind: 'reordered', tcp: { TCPOFOQueue: 1 } }],
    [{ kind: 'reordered', tcp: { TCPSACKReorder: 1 } }],
    [{ kind: 'lossy', link: { drops: 1 }, hub: { RetransSegs: 1 } }],
    [{ kind: 'readdressed', tcp: { TCPTimeouts: 1 } }],
  ])('is borne out by %j', (traces) => {
    expect(isSeen({ ...nothing, ...traces })).toBe(true);
  });

  it.each<[Partial<Healed>]>([
    // The host was heard all the time, or the cable was never out.
    [{ kind: 'offline', link: { carrierDowns: 1 } }],
    [{ kind: 'offline', wentOffline: true }],
    // Other links end at the hub too.
    [{ kind: 'reordered', hub: { TCPOFOQueue: 9 }, link: { overlimits: 9 } }],
    [{ kind: 'lossy', link: { drops: 3 } }],
  ])('is not borne out by %j', (traces) => {
    expect(isSeen({ ...nothing, ...traces })).toBe(false);
  });

  it('is counted over faults and seeds', () => {
    const seen: Healed = { ...nothing, kind: 'reordered', tcp: { TCPOFOQueue: 4 }, hub: { RetransSegs: 2 } };
    const one = sightingsOf([...goodHistory(), seen, { ...nothing, kind: 'reordered' }]);
    const [both] = together([...one, ...sightingsOf([seen])]);
    expect(both).toMatchObject({ kind: 'reordered', times: 3, seen: 2, tcp: { TCPOFOQueue: 8 } });
    const text = kernelSection(together([...one, ...sightingsOf([seen])]));
    expect(text).toContain('| reordered | 3 | 2 |');
    expect(text).toContain('- reordered: RetransSegs 4');
  });
});
