import type { EvidenceBlock, VariantEvidence } from '../analysis/index.js';

export const MEASURED_FROM = Date.parse('2026-05-04T10:00:00.000Z');

const executables = ['nginx', 'postgres', 'cron'];

export function variantOf(series: number, change: Partial<VariantEvidence> = {}): VariantEvidence {
  return {
    configurationIsOrdered: true,
    coveredSeconds: 60,
    gapSeconds: 0,
    activeSeries: { value: series, standardError: 0 },
    points: series * 6,
    executables,
    use: { sampledSeconds: 60, cpuSeconds: 0.6, rssP95Bytes: 90e6, refused: 0, failed: 0 },
    ...change,
  };
}

/** The block number `index` of a host whose candidate sends `ratio` of the 1,000 series of the baseline. */
export function blockOf(index: number, ratio: number, change: Partial<EvidenceBlock> = {}): EvidenceBlock {
  return {
    host: 'h1',
    start: MEASURED_FROM + index * 60_000,
    seconds: 60,
    windows: 6,
    identityVersions: [1],
    clockOffsetMs: null,
    weights: [
      { name: 'nginx', cpu: 0.5, rssBytes: 100e6 },
      { name: 'postgres', cpu: 0.4, rssBytes: 300e6 },
      { name: 'cron', cpu: 0.1, rssBytes: 0 },
    ],
    baseline: variantOf(1000),
    candidate: variantOf(1000 * ratio),
    ...change,
  };
}
