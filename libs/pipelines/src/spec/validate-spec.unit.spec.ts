import { instantiateTemplate, renderPipeline, validateSpec, type PipelineSpec } from '../index.js';

const topk = instantiateTemplate('topk', {});
const rulesOf = (spec: unknown): readonly string[] =>
  validateSpec(spec).map(({ rule, path }) => `${rule} ${path}`);
const withProcessors = (
  change: (processors: PipelineSpec['processors']) => PipelineSpec['processors'],
): PipelineSpec => ({
  ...topk,
  processors: change(topk.processors),
});

describe('validating a specification', () => {
  it('finds every wrong value of its shape with the path to it', () => {
    const wrong = {
      ...topk,
      source: { kind: 'hostmetrics', intervalSeconds: 0, processMetrics: ['process.luck'] },
      extra: 1,
    };
    expect(rulesOf(wrong)).toEqual(
      expect.arrayContaining([
        'schema source.intervalSeconds',
        'schema source.processMetrics.0',
        'schema extra',
      ]),
    );
  });

  it('warns of what the pinned collector was built without, and renders it all the same', () => {
    const source: PipelineSpec['source'] = {
      kind: 'prometheus',
      intervalSeconds: 10,
      targets: ['127.0.0.1:9100'],
      scheme: 'http',
      path: '/metrics',
      sampleLimit: 1_000,
    };
    const spec = {
      ...instantiateTemplate('baseline', {}),
      source,
    };
    expect(validateSpec(spec).map(({ rule, severity, path }) => `${severity} ${rule} ${path}`)).toEqual([
      'warning needs-contrib source',
    ]);
    const host = { id: 'h1', labels: {} };
    expect(renderPipeline({ spec, host, criticalProcesses: [] }).yaml).toMatch(/prometheus:/);
    expect(rulesOf(topk)).toEqual([]);
  });

  it('finds a detection that takes the id of the host away, and one that asks nobody', () => {
    const detection = { kind: 'resourceDetection', detectors: ['system'], override: true } as const;
    const withLast = (more: object): PipelineSpec =>
      withProcessors((all) => [...all.slice(0, -1), { ...detection, ...more }, all.at(-1)!]);
    expect(rulesOf(withLast({}))).toEqual([]);
    expect(rulesOf(withLast({ system: ['host.id'], override: false }))).toEqual([]);
    expect(rulesOf(withLast({ system: ['host.id'] }))).toEqual(['host-identity-missing processors.3']);
    expect(rulesOf(withLast({ system: ['os.type'], detectors: ['env'] }))).toEqual([
      'detector-missing processors.3.system',
    ]);
    expect(rulesOf(withLast({ detectors: ['ec2'] }))).toEqual(['schema processors.3.detectors.0']);
  });

  it('finds parts that stand in the wrong place', () => {
    expect(rulesOf(withProcessors((all) => [...all].reverse()))).toEqual([
      'memory-limiter-first processors.3',
      'batch-last processors.0',
    ]);
  });

  it('finds a missing memory limiter and a missing host identity', () => {
    expect(rulesOf(withProcessors((all) => all.filter(({ kind }) => kind === 'keepTopK')))).toEqual([
      'memory-limiter-first processors.0',
      'host-identity-missing processors',
    ]);
  });

  it('finds a processor that is used twice', () => {
    expect(rulesOf(withProcessors(([limiter, topK, ...rest]) => [limiter!, topK!, topK!, ...rest]))).toEqual([
      'duplicate-processor processors.2',
    ]);
  });

  it('finds two reductions that fight each other', () => {
    const merge = { kind: 'mergeProcesses', by: 'class', keep: [] } as const;
    expect(rulesOf(withProcessors(([limiter, ...rest]) => [limiter!, merge, ...rest]))).toEqual([
      'conflicting-reductions processors.2',
    ]);
  });

  it('finds a ranking without its metric', () => {
    const blind = { ...topk, source: { ...topk.source, processMetrics: ['process.memory.usage'] } };
    expect(rulesOf(blind)).toEqual(['ranking-metric-missing source.processMetrics']);
  });

  it('lets processors for any metric occur more than once', () => {
    const drop = (one: string) => ({ kind: 'dropMetrics', metrics: { names: [one], patterns: [] } }) as const;
    expect(
      rulesOf(
        withProcessors(([limiter, ...rest]) => [
          limiter!,
          drop('process.threads'),
          drop('process.disk.io'),
          ...rest,
        ]),
      ),
    ).toEqual([]);
  });

  it.each([
    [{ names: [], patterns: [] }, 'processors.1.metrics'],
    [{ names: ['a\nb'], patterns: [] }, 'processors.1.metrics.names.0'],
    [{ names: [''], patterns: [] }, 'processors.1.metrics.names.0'],
    [{ names: [], patterns: ['(?=a)'] }, 'processors.1.metrics.patterns.0'],
    [{ names: [], patterns: ['\\Qa'] }, 'processors.1.metrics.patterns.0'],
  ])('finds what cannot name metrics: %j', (metrics, path) => {
    const drop = { kind: 'dropMetrics', metrics } as const;
    expect(rulesOf(withProcessors(([limiter, ...rest]) => [limiter!, drop, ...rest]))).toEqual([
      `schema ${path}`,
    ]);
  });
});
