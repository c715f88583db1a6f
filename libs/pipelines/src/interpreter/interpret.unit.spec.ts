import fc from 'fast-check';
import type { MetricsData } from '#lib/otlp';
import { freshMemory, interpret, specOf, type InterpretedPipeline } from '../index.js';
import { markerResource, scrapeOf } from '../testing/scrapes.js';
import { scrapeHistory } from '../testing/scrape-history.js';
import { pointLines, seriesOf, seriesPoints } from '../testing/series.js';

const startedAt = 1_800_000_000_000_000_000n;
const host = { id: 'web-1', labels: {} };
const pipeline = (
  template: 'baseline' | 'topk' | 'aggregated',
  more: Partial<InterpretedPipeline> = {},
): InterpretedPipeline => ({
  spec: specOf({ template, parameters: {} }),
  host,
  criticalProcesses: ['nginx'],
  ...more,
});

function outputs(of: InterpretedPipeline, scrapes: readonly MetricsData[]): readonly MetricsData[] {
  let memory = freshMemory(startedAt);
  return scrapes.map((scrape) => {
    const result = interpret(of, scrape, memory);
    memory = result.memory;
    return result.data;
  });
}

const sumOf = (requests: readonly MetricsData[], metric: string): number =>
  seriesPoints(requests)
    .filter((found) => found.metric === metric)
    .reduce((sum, { point }) => sum + Number(point.value), 0);

describe('interpreting a pipeline', () => {
  it('passes everything through the baseline, with the host named on it', () => {
    const scrapes = fc.sample(scrapeHistory(startedAt), 1)[0]!;
    const baseline = outputs(pipeline('baseline'), scrapes);
    expect(seriesPoints(baseline).length).toBe(seriesPoints(scrapes).length);
    expect([...seriesOf(baseline)].every((series) => series.includes('host.id'))).toBe(true);
  });

  it('keeps critical processes and the selection only, and never touches what is no process', () => {
    fc.assert(
      fc.property(scrapeHistory(startedAt), (scrapes) => {
        const selection = { members: [{ pid: 3, executable: 'node' }] };
        const kept = outputs(pipeline('topk', { selection }), [
          ...scrapes,
          { resourceMetrics: [markerResource(7n)] },
        ]);
        for (const series of seriesOf(kept)) {
          expect(series).toMatch(/nginx|"process.pid"="3n".*|"marker"/);
        }
        expect([...seriesOf(kept)].some((series) => series.includes('"marker"'))).toBe(true);
      }),
    );
  });

  it('merges without losing a byte of memory in any scrape', () => {
    fc.assert(
      fc.property(scrapeHistory(startedAt), (scrapes) => {
        outputs(pipeline('aggregated'), scrapes).forEach((output, index) => {
          const metric = 'process.memory.usage';
          expect(sumOf([output], metric)).toBe(sumOf([scrapes[index]!], metric));
        });
      }),
    );
  });

  it('merges counters into totals that never fall, whichever processes exit', () => {
    fc.assert(
      fc.property(scrapeHistory(startedAt), (scrapes) => {
        const last = new Map<string, number>();
        for (const { series, metric, point } of seriesPoints(outputs(pipeline('aggregated'), scrapes))) {
          if (metric !== 'process.disk.io' || series.includes('nginx')) continue;
          expect(Number(point.value)).toBeGreaterThanOrEqual(last.get(series) ?? 0);
          last.set(series, Number(point.value));
        }
      }),
    );
  });

  it('merges counters into the same growth that the single processes had', () => {
    fc.assert(
      fc.property(scrapeHistory(startedAt), (scrapes) => {
        const merged = pipeline('aggregated', { criticalProcesses: [] });
        const totals = new Map<string, number>();
        for (const { series, metric, point } of seriesPoints(outputs(merged, scrapes))) {
          if (metric === 'process.disk.io') totals.set(series, Number(point.value));
        }
        const sum = [...totals.values()].reduce((a, b) => a + b, 0);
        expect(sum).toBe(growthOf(scrapes, 'process.disk.io'));
      }),
    );
  });

  it('gives the same for the same scrapes and memory', () => {
    fc.assert(
      fc.property(scrapeHistory(startedAt), (scrapes) => {
        const of = pipeline('aggregated');
        expect(pointLines(outputs(of, scrapes))).toEqual(pointLines(outputs(of, scrapes)));
      }),
    );
  });

  it('forgets processes that are gone, so that churn does not fill the memory', () => {
    const minute = 60_000_000_000n;
    const at = (pid: number, readAt: bigint): MetricsData =>
      scrapeOf([
        { pid, executable: 'job', startedAt: 0n, readAt, cpuSeconds: 1, diskBytes: 1n, memoryBytes: 1n },
      ]);
    let memory = freshMemory(0n);
    for (let n = 1n; n <= 100n; n++)
      memory = interpret(pipeline('aggregated'), at(Number(n), n * minute), memory).memory;
    const countersOfOne = 3;
    expect([...memory.readings.values()].map(({ size }) => size)).toEqual(Array(11).fill(countersOfOne));
  });

  it('brings kernel workers of one kind together under the name before the slash', () => {
    const common = { parentPid: 2, startedAt: 0n, readAt: 1n, cpuSeconds: 0, diskBytes: 0n, memoryBytes: 5n };
    const scrape = scrapeOf([
      { ...common, pid: 10, executable: 'kworker/0:1-events' },
      { ...common, pid: 11, executable: 'kworker/1:0' },
    ]);
    const names = seriesPoints(outputs(pipeline('aggregated'), [scrape])).map(({ series, point }) => ({
      worker: series.includes('string:kworker"'),
      value: point.value,
    }));
    expect(names).toEqual([{ worker: true, value: 10n }]);
  });
});

/** Growth as a person would count it: every process alone, from its first reading or from its start if it began later. */
function growthOf(scrapes: readonly MetricsData[], metric: string): number {
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  for (const found of seriesPoints(scrapes)) {
    if (found.metric !== metric) continue;
    const { series, point } = found;
    const key = `${series} ${point.startTimeUnixNano}`;
    if (!first.has(key)) first.set(key, point.startTimeUnixNano >= startedAt ? 0 : Number(point.value));
    last.set(key, Number(point.value));
  }
  return [...last].reduce((sum, [key, value]) => sum + value - first.get(key)!, 0);
}
