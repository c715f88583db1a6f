import type { StartedExperiment } from '#lib/domain';
import type { HostId } from '#lib/events';
import type { OrderedHashes } from '#lib/metering';
import type { Sighting } from '../shared/sightings.js';
import { missingHosts } from './readiness.js';

const at = (seconds: number): number => Date.parse('2026-05-04T10:00:00Z') + seconds * 1000;
const iso = (seconds: number): string => new Date(at(seconds)).toISOString();
const host = 'h1' as HostId;
const state = (run: Partial<StartedExperiment['run']> = {}) =>
  ({ phase: 'deploying', run: { hosts: [host], startedAt: iso(0), ...run } }) as unknown as StartedExperiment;

const sighting = (start: number, change: Partial<Sighting> = {}): Sighting => ({
  ...{ start: at(start), end: at(start + 10), experimentId: 'e1' },
  collectors: [
    { variant: 'baseline', configHash: 'hb', coveredSeconds: 10 },
    { variant: 'candidate', configHash: 'hc', coveredSeconds: 9.5 },
  ],
  ...change,
});
const ordered: OrderedHashes = (_host, variant) => new Set([variant === 'baseline' ? 'hb' : 'hc']);
const missing = (
  seen: Sighting | undefined,
  change: { run?: Partial<StartedExperiment['run']>; now?: number } = {},
) => missingHosts('e1', state(change.run), { sighting: () => seen, ordered, now: at(change.now ?? 25) });

describe('a host', () => {
  it('is ready when its newest window shows both variants as ordered', () => {
    expect(missing(sighting(10))).toEqual([]);
  });

  it.each([
    ['that sent nothing', undefined],
    ['whose window belongs to another experiment', sighting(10, { experimentId: 'e0' })],
    ['without a candidate', sighting(10, { collectors: sighting(10).collectors.slice(0, 1) })],
    [
      'whose candidate runs another configuration',
      sighting(10, {
        collectors: [
          sighting(10).collectors[0]!,
          { variant: 'candidate', configHash: 'old', coveredSeconds: 10 },
        ],
      }),
    ],
    [
      'whose candidate was watched for a part of the window',
      sighting(10, {
        collectors: [
          sighting(10).collectors[0]!,
          { variant: 'candidate', configHash: 'hc', coveredSeconds: 4 },
        ],
      }),
    ],
    ['whose window ended before the start', sighting(-10)],
  ])('%s is missing', (_what, seen) => {
    expect(missing(seen)).toEqual([host]);
  });

  it('is missing once its newest window is older than three windows and their way', () => {
    expect(missing(sighting(10), { now: 65 })).toEqual([]);
    expect(missing(sighting(10), { now: 66 })).toEqual([host]);
  });

  it('has to show both variants anew after a resumption', () => {
    expect(missing(sighting(10), { run: { warmupAt: iso(21) } })).toEqual([host]);
    expect(missing(sighting(20), { run: { warmupAt: iso(21) }, now: 31 })).toEqual([]);
  });

  it('may run any one configuration where no order is known', () => {
    const evidence = { sighting: () => sighting(10), ordered: () => new Set<string>(), now: at(25) };
    expect(missingHosts('e1', state(), evidence)).toEqual([]);
  });
});
