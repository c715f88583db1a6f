import type { MetricsData } from '#lib/otlp';
import {
  controllerOf,
  freshMemory,
  interpret,
  ProcessLoad,
  renderPipeline,
  specOf,
  templates,
  type ParameterInput,
  type PipelineSpec,
  type TemplateId,
  type TopKSelection,
} from '../index.js';
import { processMetricsOf } from '../spec/pipeline-spec.js';
import { busyHost, scrapesOf } from '../testing/busy-host.js';
import { highest, lowest } from '../testing/extremes.js';
import { seriesOf, seriesPoints } from '../testing/series.js';

const startedAt = 1_800_000_000_000_000_000n;
const scrapes = scrapesOf(busyHost, startedAt, 4);
const host = { id: 'h1', labels: {} };
const criticalProcesses = ['nginx', 'daemon-3'];
const criticalPids = busyHost
  .filter(({ executable }) => criticalProcesses.includes(executable))
  .map(({ pid }) => pid);

const known = new Map<string, readonly MetricsData[]>();

/** What the template sends for four scrapes of the busy host, one by one. */
function sent(template: TemplateId, parameters: ParameterInput = {}): readonly MetricsData[] {
  const key = JSON.stringify([template, parameters]);
  const found = known.get(key) ?? interpreted(template, parameters);
  known.set(key, found);
  return found;
}

function interpreted(template: TemplateId, parameters: ParameterInput): readonly MetricsData[] {
  const spec = specOf({ template, parameters });
  const selection = selectionOf(template, parameters);
  let memory = freshMemory(startedAt);
  return scrapes.map((scrape) => {
    const pipeline = { spec, host, criticalProcesses, ...(selection && { selection }) };
    const result = interpret(pipeline, scrapedBy(spec, scrape), memory);
    memory = result.memory;
    return result.data;
  });
}

/** The scraper reads only what the specification asks for. */
function scrapedBy(spec: PipelineSpec, { resourceMetrics }: MetricsData): MetricsData {
  const isAsked = (name: string): boolean => processMetricsOf(spec).some((asked) => asked === name);
  return {
    resourceMetrics: resourceMetrics.map((item) => ({
      ...item,
      scopeMetrics: item.scopeMetrics.map((inScope) => ({
        ...inScope,
        metrics: inScope.metrics.filter(({ name }) => isAsked(name)),
      })),
    })),
  };
}

/** The set that the agent would have found by now. */
function selectionOf(template: TemplateId, parameters: ParameterInput): TopKSelection | undefined {
  const { control } = renderPipeline({ template, parameters, host, criticalProcesses });
  if (control === undefined) return undefined;
  const controller = controllerOf(control, { cores: 8, memoryBytes: 16 * 2 ** 30 });
  const load = new ProcessLoad();
  scrapes.slice(0, 2).forEach((scrape) => load.observe(scrape));
  return controller.update(load.latest, 0).selection;
}

const seriesCount = (template: TemplateId, parameters?: ParameterInput): number =>
  seriesOf(sent(template, parameters)).size;

/** Individual processes that are seen in every scrape. */
function pidsAlways(requests: readonly MetricsData[]): readonly number[] {
  const pids = requests.map((request) => new Set(pidsOf(request)));
  return [...(pids[0] ?? [])].filter((pid) => pids.every((all) => all.has(pid)));
}

const pidsOf = (request: MetricsData): readonly number[] =>
  [...seriesOf([request])].flatMap((series) => {
    const pid = /"process\.pid"="(\d+)n"/.exec(series)?.[1];
    return pid === undefined ? [] : [Number(pid)];
  });

const total = (request: MetricsData, metric: string): number =>
  seriesPoints([request])
    .filter((found) => found.metric === metric)
    .reduce((sum, { point }) => sum + Number(point.value), 0);

const reductions = templates.filter(({ id }) => id !== 'baseline');

describe('templates on a busy host', () => {
  it.each(reductions)('$id sends fewer series than the baseline, whatever its parameters', (template) => {
    const baseline = seriesCount('baseline');
    for (const input of [{}, lowest(template.parameters)])
      expect(seriesCount(template.id, input)).toBeLessThan(baseline);
    expect(seriesCount(template.id, highest(template.parameters))).toBeLessThanOrEqual(baseline);
  });

  it.each(templates)('$id shows every critical process in every scrape, by its pid and name', (template) => {
    for (const input of [{}, lowest(template.parameters), highest(template.parameters)]) {
      const output = sent(template.id, input);
      expect(pidsAlways(output)).toEqual(expect.arrayContaining(criticalPids));
      for (const series of seriesOf(output))
        if (series.includes('"process.pid"')) expect(series).toContain('"process.executable.name"');
    }
  });

  it.each(['aggregated', 'hybrid', 'priority-filter', 'aggressive'] as const)(
    '%s keeps the memory of all processes together, though not of each',
    (template) => {
      sent(template).forEach((output, index) =>
        expect(total(output, 'process.memory.usage')).toBe(total(scrapes[index]!, 'process.memory.usage')),
      );
    },
  );

  it('hybrid keeps the strongest by themselves and merges the rest', () => {
    const strongest = [300, 301, 302];
    const kept = pidsAlways(sent('hybrid', { k: 3 }));
    expect([...kept].sort((a, b) => a - b)).toEqual([...strongest, ...criticalPids].sort((a, b) => a - b));
    expect(seriesCount('hybrid', { k: 3 })).toBeLessThan(seriesCount('hybrid', { k: 60 }));
  });

  it('priority-filter drops only the low tier, and never what is critical', () => {
    const output = sent('priority-filter', {
      ...{ highProcesses: ['postgres'], mediumProcesses: ['java'], lowTier: 'drop' },
    });
    const tiers = (name: string): readonly string[] => [
      ...new Set(
        [...seriesOf(output)]
          .filter((series) => series.includes(`"process.executable.name"="string:${name}"`))
          .map((series) => /"process\.tier"="string:(\w+)"/.exec(series)?.[1] ?? 'none'),
      ),
    ];
    expect([tiers('nginx'), tiers('postgres'), tiers('java')]).toEqual([['critical'], ['high'], ['medium']]);
    expect([tiers('bash'), tiers('daemon-1'), tiers('daemon-3')]).toEqual([[], [], ['critical']]);
  });

  it('minimal keeps every process, with CPU time and memory only', () => {
    const output = sent('minimal');
    expect(pidsAlways(output)).toEqual(pidsAlways(scrapes));
    expect(seriesOf(output).size).toBe(2 * busyHost.length);
    expect([...seriesOf(output)].join()).not.toMatch(/owner|command|state|path/);
    output.forEach((request, index) =>
      expect(total(request, 'process.cpu.time')).toBeCloseTo(total(scrapes[index]!, 'process.cpu.time')),
    );
  });

  it('aggressive sends two series for each critical process and each class at most', () => {
    const classes = new Set(
      [...seriesOf(sent('aggressive'))].flatMap((series) => /"process\.class"="[^"]+"/.exec(series) ?? []),
    );
    expect(seriesCount('aggressive')).toBe(2 * (criticalPids.length + classes.size));
    const everyOther = reductions.map(({ id }) => seriesCount(id)).sort((a, b) => a - b);
    expect(seriesCount('aggressive')).toBe(everyOther[0]);
  });
});
