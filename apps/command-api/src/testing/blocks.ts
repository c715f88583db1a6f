import { HyperLogLog, NONE, type Block, type BlockVariant } from '#lib/metering';
import { hashText } from '#lib/otlp';

/** One minute of one host as the analyzer stores it, with the given active series. */
export function blockOf(
  host: string,
  start: string,
  series: { readonly baseline: number; readonly candidate: number },
): Block {
  return {
    host,
    start: Date.parse(start),
    seconds: 60,
    windows: 6,
    identityVersions: [1],
    clockOffsetMs: null,
    weights: [
      { name: 'nginx', cpu: 0.5, rssBytes: 1000 },
      { name: 'cron', cpu: 0.1, rssBytes: 500 },
    ],
    baseline: variantOf('baseline', series.baseline, ['nginx', 'cron']),
    candidate: variantOf('candidate', series.candidate, ['nginx']),
    differences: [
      {
        start: Date.parse(start),
        lost: series.baseline - series.candidate,
        gained: 0,
        exact: true,
        lostExecutables: [{ name: 'cron', series: series.baseline - series.candidate }],
        lostMetrics: [],
      },
    ],
  };
}

function variantOf(
  variant: 'baseline' | 'candidate',
  series: number,
  executables: readonly string[],
): BlockVariant {
  return {
    variant,
    instances: [`${variant}-1`],
    configHashes: ['f'.repeat(64)],
    windows: 6,
    coveredSeconds: 60,
    gapSeconds: 0,
    overlapSeconds: 0,
    activeSeries: { value: series, standardError: 0 },
    windowSeries: { value: series, standardError: 0 },
    uniqueSeries: { value: series, standardError: 0 },
    sketch: sketchOf(series),
    points: series * 6,
    pointsPerMinute: series * 6,
    bytes: series * 60,
    wireBytes: series * 10,
    requests: 6,
    malformed: 0,
    hostPoints: series * 6,
    metrics: [
      { name: 'process.cpu.time', points: series * 4, series: (series * 3) / 4, windows: 6 },
      { name: 'process.memory.usage', points: series * 2, series: series / 4, windows: 6 },
    ],
    executables: executables.map((name) => ({ name, points: 6, series: 1, windows: 6 })),
    services: [
      { name: NONE, points: series, series: series / 2, windows: 6 },
      { name: 'cart', points: series * 5, series: series / 2, windows: 6 },
    ],
    namespaces: [{ name: NONE, points: series * 6, series, windows: 6 }],
    attributes: [
      { key: 'process.pid', sketch: sketchOf(series / 50, 10) },
      { key: 'state', sketch: sketchOf(2, 10) },
    ],
    freshness: null,
    use: {
      sampledSeconds: 60,
      cpuSeconds: 0.6,
      rssP95Bytes: 50_000_000,
      rssMaxBytes: 60_000_000,
      refused: 4,
      failed: 2,
    },
  };
}

/** The same first series each time, so that a larger block holds those of a smaller one. */
function sketchOf(series: number, precision = 14): string {
  const sketch = new HyperLogLog(precision);
  for (let i = 0; i < series; i++) sketch.add(hashText(`series ${i}`));
  return sketch.toText();
}
