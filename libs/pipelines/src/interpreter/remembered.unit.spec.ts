import fc from 'fast-check';
import type { MetricsData } from '#lib/otlp';
import { freshMemory, interpret, specOf, type Processor } from '../index.js';
import { anyMetrics, attributeKeys, metricNames } from '../testing/any-metrics.js';
import { scrapeHistory } from '../testing/scrape-history.js';

const startedAt = 1_800_000_000_000_000_000n;
const names = (some: readonly string[]) => ({ names: [...some], patterns: [] });
const on = fc.constantFrom('point' as const, 'resource' as const);
const keys = fc.subarray([...attributeKeys, 'process.pid', 'process.owner', 'host.id'], { minLength: 1 });
const metrics = fc.subarray([...metricNames], { minLength: 1 }).map(names);

const processor: fc.Arbitrary<Processor> = fc.oneof(
  fc.record({ kind: fc.constant('dropAttributes' as const), on, attributes: keys.map(names) }),
  fc.record({ kind: fc.constant('keepAttributes' as const), on, attributes: keys.map(names) }),
  fc.record({
    kind: fc.constant('aggregateAttributes' as const),
    away: keys.map(names),
    gauges: fc.constantFrom('sum' as const, 'mean' as const, 'min' as const, 'max' as const),
  }),
  fc.record({ kind: fc.constant('dropMetrics' as const), metrics }),
  fc.record({ kind: fc.constant('keepMetrics' as const), metrics }),
  fc.record({
    kind: fc.constant('renameMetrics' as const),
    renames: fc.constantFrom(...metricNames).map((from) => [{ from, to: 'renamed' }]),
  }),
  fc.record({
    ...{ kind: fc.constant('renameAttributes' as const), on },
    renames: fc.constantFrom(...attributeKeys).map((from) => [{ from, to: 'renamed' }]),
  }),
  fc.record({
    ...{ kind: fc.constant('mergeProcesses' as const), keep: fc.constant([]) },
    by: fc.constantFrom('executable' as const, 'class' as const),
  }),
  fc.constant<Processor>({ kind: 'cumulativeToDelta' }),
  fc.constant<Processor>({ kind: 'interval', seconds: 15, pass: [] }),
);

const now = startedAt + 60_000_000_000n;
const requests = fc.oneof(
  scrapeHistory(startedAt),
  fc.array(anyMetrics({ begins: [0n, startedAt], now, grown: 0, dense: false }), {
    minLength: 1,
    maxLength: 3,
  }),
);

function played(processors: readonly Processor[], scrapes: readonly MetricsData[]): readonly MetricsData[] {
  const spec = { ...specOf({ template: 'baseline', parameters: {} }), processors };
  let memory = freshMemory(startedAt);
  return scrapes.map((scrape) => {
    const host = { id: 'web-1', labels: {} };
    const result = interpret({ spec, host, criticalProcesses: ['nginx'] }, scrape, memory);
    memory = result.memory;
    return result.data;
  });
}

describe('what the interpreter remembers of objects', () => {
  it('changes no result, whatever was played with them before, and never what it was given', () => {
    fc.assert(
      fc.property(
        requests,
        fc.array(processor, { minLength: 1, maxLength: 3 }),
        fc.array(processor, { minLength: 1, maxLength: 3 }),
        (scrapes, others, processors) => {
          const untouched = structuredClone(scrapes);
          const expected = played(structuredClone(processors), structuredClone(scrapes));
          played(others, scrapes);
          played(processors, scrapes);
          expect(played(processors, scrapes)).toEqual(expected);
          expect(scrapes).toEqual(untouched);
        },
      ),
      { numRuns: 150 },
    );
  });
});
