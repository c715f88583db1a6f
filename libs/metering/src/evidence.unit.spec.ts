import { evidenceOf, mergeBlock, seriesMeasureFor, type CollectorWindow } from './index.js';

const collector: CollectorWindow = {
  ...{ variant: 'baseline', instance: 'b1', configHash: 'hb', coveredFrom: 0, coveredTo: 10_000 },
  ...{ points: 100, bytes: 1_000, wireBytes: 100, requests: 1, malformed: 0, hostPoints: 100 },
  ...{ activeSeries: { value: 40, exact: true }, metrics: [], freshness: null },
  executables: [
    { name: '(other)', points: 1, series: 1 },
    { name: 'nginx', points: 1, series: 1 },
  ],
  use: { cpuSeconds: 1, rssBytes: 5, refused: 2, failed: 3 },
};
const block = mergeBlock(
  [
    {
      ...{ host: 'h1', start: 0, seconds: 10, closedAt: 10_001, clockOffsetMs: null, identityVersion: 1 },
      ...{ weights: [], collectors: [collector], minute: null },
    },
  ],
  { start: 0, seconds: 30 },
);
const ordered =
  (...hashes: string[]) =>
  () =>
    new Set(hashes);

describe('a block as evidence', () => {
  it('carries what a verdict needs, and the bucket of unknown names is no executable', () => {
    expect(evidenceOf(block, 'windowSeries', ordered('hb'))).toEqual({
      ...{ host: 'h1', start: 0, seconds: 30, windows: 1, identityVersions: [1], clockOffsetMs: null },
      weights: [],
      candidate: null,
      baseline: {
        ...{ configurationIsOrdered: true, coveredSeconds: 10, gapSeconds: 20, points: 100 },
        activeSeries: { value: 40, standardError: 0 },
        executables: ['nginx'],
        use: { sampledSeconds: 10, cpuSeconds: 1, rssP95Bytes: 5, refused: 2, failed: 3 },
      },
    });
  });

  it('has no count of series where the measure has none', () => {
    expect(evidenceOf(block, 'activeSeries', ordered('hb')).baseline?.activeSeries).toBeNull();
  });

  it('ran as ordered if its hash was, or if nobody knows the order and there is one hash only', () => {
    const isOrdered = (...hashes: string[]) =>
      evidenceOf(block, 'windowSeries', ordered(...hashes)).baseline?.configurationIsOrdered;
    expect(isOrdered('hb', 'older')).toBe(true);
    expect(isOrdered('other')).toBe(false);
    expect(isOrdered()).toBe(true);
  });
});

describe('series', () => {
  it('are counted by window in experiments under ten minutes and by minute in longer ones', () => {
    expect(seriesMeasureFor(599)).toBe('windowSeries');
    expect(seriesMeasureFor(600)).toBe('activeSeries');
  });
});
