import { parse, stringify } from 'yaml';
import { readPreflightReport, type CollectorOrder } from '#lib/agent-protocol';
import { pipelineHash, renderPipeline } from '#lib/pipelines';
import { applyOrder, AgentHouse, collectorOrder, HOST, until } from '../testing/agent-house.js';
import { startNewestBackend, type NewestBackend } from '../testing/newest-backend.js';
import { settledProcess, type SettledProcess } from '../testing/settled-processes.js';

const baseline = collectorOrder('baseline', 'baseline');
const candidate = collectorOrder('candidate', 'topk', { parameters: { k: 3 } });

/** A pipeline with a stock component that no template of ours uses. */
function withForeignProcessor(): CollectorOrder {
  const { yaml, ...rest } = renderPipeline({
    ...{ template: 'baseline', parameters: { intervalSeconds: 1 } },
    ...{ host: { id: HOST, labels: {} }, criticalProcesses: [] },
  });
  const config = parse(yaml) as {
    processors: Record<string, unknown>;
    service: { pipelines: { metrics: { processors: string[] } } };
  };
  config.processors['filter/mine'] = { metric_conditions: ['metric.name == "process.threads"'] };
  config.service.pipelines.metrics.processors.splice(1, 0, 'filter/mine');
  const changed = stringify(config);
  const hash = pipelineHash(changed, undefined);
  return {
    ...{ variant: 'candidate', role: 'shadow', configHash: hash },
    rendered: { ...rest, yaml: changed, hash },
  };
}

describe('a host without a collector', () => {
  let house: AgentHouse;

  beforeAll(async () => {
    house = await AgentHouse.open();
    await house.startAgent({ PHOENIX_OTELCOL: '' });
  });

  afterAll(() => house.close());

  it('measures plain and top-k pipelines with the built-in one', async () => {
    await house.handOver(applyOrder(1, [baseline, candidate]));
    await house.reached(1, 'effective');
    const { collectors } = await until(async () =>
      (await house.windows()).find((window) => window.collectors.length === 2),
    );
    const [full, reduced] = collectors;

    expect(house.collectors().size).toBe(0);
    expect(full?.activeSeries.value).toBeGreaterThan(reduced?.activeSeries.value ?? Infinity);
    expect(reduced?.executables.length).toBeGreaterThan(0);
    expect(full?.use).toBeNull();
  });

  it('tries pipelines in a sandbox too, without figures of a process that is not there', async () => {
    await house.handOver({
      ...{ kind: 'Preflight', taskId: 'preflight', deadline: '2999-01-01T00:00:00.000Z', seconds: 10 },
      collectors: [baseline, candidate],
      criticalProcesses: [],
    });
    const { detail, outcome } = await house.result('preflight');
    expect({ outcome, detail }).toMatchObject({ outcome: 'done' });
    const { collector, comparison, variants } = readPreflightReport(detail)!;
    expect(collector.kind).toBe('builtin');
    for (const { total, verdict } of variants) {
      expect(verdict).toBe('ran');
      expect(total.series).toBeGreaterThan(0);
      expect([total.cpuSeconds, total.rssBytes]).toEqual([null, null]);
    }
    expect(comparison!.reduction.series).toBeGreaterThan(0);

    await house.handOver({
      ...{ kind: 'Preflight', taskId: 'foreign', deadline: '2999-01-01T00:00:00.000Z', seconds: 10 },
      ...{ collectors: [withForeignProcessor()], criticalProcesses: [] },
    });
    const [foreign] = readPreflightReport((await house.result('foreign')).detail)!.variants;
    expect(foreign).toMatchObject({
      verdict: 'refused',
      reason: 'the built-in collector cannot do filter/mine; it needs a real one',
    });
  });

  it('says which pipeline it cannot run, and keeps what runs', async () => {
    await house.handOver(applyOrder(2, [baseline, withForeignProcessor()]));
    const failed = await house.reached(2, 'failed');

    expect(failed.reason).toBe(
      'candidate: the built-in collector cannot do filter/mine; it needs a real one',
    );
    // Two are a candidate while its top-k set is swapped.
    const variants = new Set(failed.collectors.map(({ variant }) => variant));
    expect([...variants].sort()).toEqual(['baseline', 'candidate']);
  });

  it('does not start on a configured collector that is missing: the fallback would hide the mistake', async () => {
    const other = await house.startAgent({
      PHOENIX_OTELCOL: '/no/such/otelcol',
      PHOENIX_AGENT_DIR: `${house.parts.dir}/other`,
    });
    expect((await other.exited).code).toBe(1);
  });
});

/**
 * Two agents get the same order at the same time: one with the real collector, one with the built-in one. Compared
 * are processes that rest, because no two readers look at a busy one at the same moment; for the same reason times
 * are each reader's own. That both chains do the same with equal scrapes is shown by the interpreter's conformance.
 */
describe('the built-in collector beside a real one', () => {
  const NAME = 'phoenix-settled';
  let house: AgentHouse;
  let real: NewestBackend;
  let builtin: NewestBackend;
  let settled: SettledProcess[] = [];

  const oneMoreOfEach = async (): Promise<void> => {
    // The scrape after the next one began after this moment.
    const [a, b] = [real.scrapes() + 2, builtin.scrapes() + 2];
    await until(() => (real.scrapes() >= a && builtin.scrapes() >= b ? true : undefined));
  };

  beforeAll(async () => {
    house = await AgentHouse.open();
    [real, builtin] = await Promise.all([startNewestBackend(), startNewestBackend()]);
    await house.startAgent({ PHOENIX_BACKEND_OTLP: real.url });
    await house.startAgent({
      PHOENIX_OTELCOL: '',
      PHOENIX_AGENT_DIR: `${house.parts.dir}/builtin`,
      PHOENIX_BACKEND_OTLP: builtin.url,
    });
  });

  afterAll(async () => {
    await Promise.all(settled.map((process) => process.end()));
    await house.close();
    await Promise.all([real.stop(), builtin.stop()]);
  });

  it('sends the same series with the same values for merged processes', async () => {
    // Offered again until both have it: one answer may come from an agent while the other is not linked yet.
    await until(async () => {
      await house.handOver(applyOrder(1, [collectorOrder('baseline', 'aggregated')]));
      return real.scrapes() > 1 && builtin.scrapes() > 1 ? true : undefined;
    });
    settled = await Promise.all([0, 1, 2].map((id) => settledProcess(house.parts.dir, NAME, id)));
    await oneMoreOfEach();

    expect(builtin.of(NAME).length).toBeGreaterThan(5);
    expect(builtin.of(NAME)).toEqual(real.of(NAME));
  });

  it('keeps the total of a counter when one of the processes ends', async () => {
    const written = (): string | undefined =>
      builtin.of(NAME).find((line) => line.includes('direction=write'));
    const before = written();
    await settled.shift()?.end();
    await oneMoreOfEach();

    expect(written()).toBe(before);
    expect(builtin.of(NAME)).toEqual(real.of(NAME));
  });
});
