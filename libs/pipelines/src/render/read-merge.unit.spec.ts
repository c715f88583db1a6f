import fc from 'fast-check';
import { parse } from 'yaml';
import { readMerge, renderPipeline, type PipelineSpec, type ProcessorKind } from '../index.js';
import { instantiateTemplate } from '../templates/catalogue.js';

type Merge = Extract<PipelineSpec['processors'][number], { kind: 'mergeProcesses' }>;

/** The processors of a rendering as a host reads them. */
function processorsOf(
  merge: Omit<Merge, 'kind'>,
  criticalProcesses: readonly string[],
): Record<string, unknown> {
  const plain = instantiateTemplate('aggregated', {});
  const kind: ProcessorKind = 'mergeProcesses';
  const spec = {
    ...plain,
    processors: plain.processors.map((one) => (one.kind === kind ? { kind, ...merge } : one)),
  };
  const { yaml } = renderPipeline({ spec, host: { id: 'h1', labels: {} }, criticalProcesses });
  return (parse(yaml) as { processors: Record<string, unknown> }).processors;
}

const anyName = fc.oneof(
  fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text)),
  fc.constantFrom(
    ...['"', '\\', 'a"b\\', '${x}', '$$', 'resource.attributes["process.executable.name"] == "root"'],
  ),
);

describe('reading a merging back from a rendering', () => {
  it('finds what was written, whatever the names', () => {
    const anyNames = fc.array(anyName, { maxLength: 5 });
    fc.assert(
      fc.property(
        fc.constantFrom('executable' as const, 'class' as const),
        anyNames,
        anyNames,
        (by, keep, critical) => {
          const found = readMerge(processorsOf({ by, keep }, critical));
          expect(found?.processor).toEqual({
            kind: 'mergeProcesses',
            by,
            keep: [...new Set([...keep, ...critical])].sort(),
          });
        },
      ),
    );
  });

  it('takes no chain for its own that was changed by anyone', () => {
    const written = processorsOf({ by: 'class', keep: ['a'] }, []);
    const { 'transform/merge': merge, ...without } = written;
    const late = {
      ...without,
      'deltatocumulative/merged': { max_stale: '60m' },
      'transform/merge': merge,
    };
    const open = structuredClone(written) as Record<
      string,
      { metric_statements: { conditions: string[] }[] }
    >;
    open['transform/mark']!.metric_statements[0]!.conditions.push('metric.name == "x"');

    expect(readMerge(written)).toBeDefined();
    expect(readMerge(without)).toBeUndefined();
    expect(readMerge(late)).toBeUndefined();
    expect(readMerge(open)).toBeUndefined();
    expect(readMerge({ memory_limiter: {} })).toBeUndefined();
  });
});
