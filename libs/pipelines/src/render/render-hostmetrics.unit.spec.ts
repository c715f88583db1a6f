import { parse } from 'yaml';
import {
  instantiateTemplate,
  renderPipeline,
  validateSpec,
  type PipelineSpec,
  type Processor,
} from '../index.js';

type Source = Extract<PipelineSpec['source'], { kind: 'hostmetrics' }>;

const of = (source: Partial<Source>, processors: readonly Processor[] = []): PipelineSpec => {
  const template = instantiateTemplate('baseline', {});
  const [limiter, ...rest] = template.processors;
  return {
    ...template,
    source: { kind: 'hostmetrics', intervalSeconds: 10, ...source },
    processors: [limiter!, ...processors, ...rest],
  };
};
const rulesOf = (spec: unknown): readonly string[] =>
  validateSpec(spec).map(({ rule, path, severity }) => `${severity} ${rule} ${path}`);
const scrapersOf = (spec: PipelineSpec): unknown => {
  const { yaml } = renderPipeline({ spec, host: { id: 'h1', labels: {} }, criticalProcesses: [] });
  return (parse(yaml) as { receivers: { hostmetrics: { scrapers: unknown } } }).receivers.hostmetrics
    .scrapers;
};

describe('scrapers of the machine as a whole', () => {
  it('are rendered alone, with what they were told and nothing else', () => {
    expect(
      scrapersOf(
        of({
          system: {
            cpu: { metrics: ['system.cpu.utilization'] },
            load: { perProcessor: true },
            memory: {},
            disk: { include: { names: ['sda', 'sd$b'], patterns: [] } },
            network: { exclude: { names: ['br.0'], patterns: ['^veth$'] } },
            filesystem: {
              virtual: true,
              metrics: ['system.filesystem.usage', 'system.filesystem.inodes.usage'],
              include: { mountPoints: { names: ['/'], patterns: [] } },
              exclude: {
                types: { names: ['tmpfs'], patterns: [] },
                devices: { names: [], patterns: ['loop'] },
              },
            },
            system: {},
          },
        }),
      ),
    ).toEqual({
      cpu: {
        metrics: { 'system.cpu.time': { enabled: false }, 'system.cpu.utilization': { enabled: true } },
      },
      load: { cpu_average: true },
      memory: {},
      disk: { include: { match_type: 'strict', devices: ['sda', 'sd$$b'] } },
      filesystem: {
        include_virtual_filesystems: true,
        include_mount_points: { match_type: 'strict', mount_points: ['/'] },
        exclude_devices: { match_type: 'regexp', devices: ['loop'] },
        exclude_fs_types: { match_type: 'strict', fs_types: ['tmpfs'] },
      },
      network: { exclude: { match_type: 'regexp', interfaces: ['^br\\.0$$', '^veth$$'] } },
      system: {},
    });
  });

  it('stand beside that of processes, which is as it was', () => {
    const processMetrics = ['process.cpu.time'] as const;
    const alone = scrapersOf(of({ processMetrics }));
    expect(scrapersOf(of({ processMetrics, system: { paging: {} } }))).toEqual({
      ...(alone as object),
      paging: {},
    });
  });

  it.each([
    [{}, 'error schema source.processMetrics'],
    [{ system: {} }, 'error schema source.system'],
    [{ system: { cpu: {}, nfs: {} } }, 'error schema source.system.nfs'],
    [{ system: { cpu: { metrics: ['system.cpu.luck'] } } }, 'error schema source.system.cpu.metrics.0'],
    [{ system: { memory: { metrics: ['system.cpu.time'] } } }, 'error schema source.system.memory.metrics.0'],
    [{ system: { filesystem: { include: {} } } }, 'error schema source.system.filesystem.include'],
  ])('are refused where they make no sense: %j', (source, finding) => {
    expect(rulesOf(of(source as Partial<Source>))).toEqual([finding]);
  });

  it('do without processes only where no processor needs them', () => {
    const system = { cpu: {}, memory: {} };
    expect(rulesOf(of({ system }))).toEqual([]);
    expect(rulesOf(of({ system }, [{ kind: 'mergeProcesses', by: 'class', keep: [] }]))).toEqual([
      'error processes-missing processors.1',
    ]);
    const topk = instantiateTemplate('topk', {}).processors[1]!;
    expect(rulesOf(of({ system }, [topk]))).toContain('error ranking-metric-missing source.processMetrics');
  });

  it('are known to processors that name metrics, as they come to them', () => {
    const source: Partial<Source> = { processMetrics: ['process.cpu.time'], system: { cpu: {}, load: {} } };
    const keep = (names: readonly string[], patterns: readonly string[] = []): Processor => ({
      kind: 'keepMetrics',
      metrics: { names, patterns },
    });
    expect(
      rulesOf(of(source, [keep(['system.cpu.time', 'process.cpu.time'], ['^system\\.cpu\\.load'])])),
    ).toEqual([]);
    // Off by default, misspelt, of no scraper here.
    for (const name of ['system.cpu.utilization', 'system.cpu.tiem', 'system.memory.usage'])
      expect(rulesOf(of(source, [keep([name])]))).toEqual(['warning unknown-metric processors.1']);
    expect(rulesOf(of(source, [keep([], ['^disk'])]))).toEqual(['warning unknown-metric processors.1']);
    const renamed: Processor = { kind: 'renameMetrics', renames: [{ from: 'system.cpu.time', to: 'cpu' }] };
    expect(rulesOf(of(source, [renamed, keep(['cpu'])]))).toEqual([]);
    expect(rulesOf(of(source, [keep(['process.cpu.time']), renamed]))).toEqual([
      'warning unknown-metric processors.2',
    ]);
    expect(validateSpec(of(source, [keep(['system.cpu.tiem'])]))[0]?.fix).toBe(
      'Did you mean system.cpu.time?',
    );
  });
});
