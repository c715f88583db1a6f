import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { pipelineSpecSchema, renderPipeline, specOf } from '#lib/pipelines';
import type { Service } from '#tools/embedded';
import { readPreflightReport, type Preflight, type PreflightReport } from '#lib/agent-protocol';
import { sandboxFolder } from '../collectors/otelcol-engine.js';
import { runningInstances } from '../collectors/survivors.js';
import { readArguments, readText } from '../machine/proc.js';
import { AgentHouse, applyOrder, collectorOrder, HOST, until } from '../testing/agent-house.js';
import { misbehavingCollector } from '../testing/misbehaving-collector.js';
import { settledProcess, type SettledProcess } from '../testing/settled-processes.js';

const LATER = '2999-01-01T00:00:00.000Z';
const KEPT = 'preflight-kept';
const MERGED = 'preflight-gone';
const baseline = collectorOrder('baseline', 'baseline');
const candidate = collectorOrder('candidate', 'topk', { parameters: { k: 1 }, critical: [KEPT] });

/** Measured by itself on this host; `rendered` may be broken on purpose. */
function tried(taskId: string, collectors: Preflight['collectors']): Preflight {
  return {
    ...{ kind: 'Preflight', taskId, deadline: LATER, seconds: 10 },
    collectors: collectors.map(({ configHash, rendered, variant }) => ({ variant, configHash, rendered })),
    criticalProcesses: [KEPT, MERGED],
  };
}

describe('a preflight', () => {
  let house: AgentHouse;
  let agent: Service;
  let processes: readonly SettledProcess[];

  const sandboxed = () => [...runningInstances(sandboxFolder(house.agentFolder)).entries()];
  const trials = () => sandboxed().filter(([instance]) => !instance.startsWith('validate-'));
  const leftovers = async () => {
    const folder = sandboxFolder(house.agentFolder);
    return existsSync(folder) ? readdir(folder) : [];
  };
  const notes = async (id: string) =>
    (await house.uplink())
      .filter((message) => message.kind === 'task-progress')
      .flatMap(({ note, taskId }) => (taskId === id ? [note] : []));
  const reportOf = async (id: string): Promise<PreflightReport> => {
    const { detail, outcome } = await house.result(id);
    expect({ outcome, detail }).toMatchObject({ outcome: 'done' });
    return readPreflightReport(detail)!;
  };
  const resultsOf = async (id: string) =>
    (await house.uplink()).filter((message) => message.kind === 'task-result' && message.taskId === id);

  beforeAll(async () => {
    house = await AgentHouse.open();
    const folder = await house.folder('processes');
    processes = await Promise.all([KEPT, MERGED].map((name) => settledProcess(folder, name, 0)));
    agent = await house.startAgent();
    await house.handOver(applyOrder(1, [baseline]));
    await house.reached(1, 'effective');
  });

  afterAll(async () => {
    await Promise.all(processes.map((one) => one.end()));
    await house.close();
  });

  it('measures both pipelines beside what runs, and changes nothing', async () => {
    const before = [...house.collectors()].map(([instance, { pid }]) => [instance, pid]);
    await house.handOver(tried('good', [baseline, candidate]));
    await until(() => (trials().length === 2 ? true : undefined));
    // What runs in the sandbox has the rights and caps of a candidate.
    const status = trials().map(([, { pid }]) => readText(`/proc/${pid}/status`) ?? '');
    const uids = status.map((text) => /^Uid:\s+(\d+)/m.exec(text)?.[1]);
    expect(uids).toEqual(
      process.getuid?.() === 0 ? ['65534', '65534'] : [0, 1].map(() => String(process.getuid?.())),
    );
    const limits = trials().map(([, { pid }]) => readText(`/proc/${pid}/limits`) ?? '');
    for (const text of limits) expect(text).not.toMatch(/^Max data size +unlimited/m);

    const { collector, comparison, variants } = await reportOf('good');
    expect(collector.kind).toBe('otelcol');
    expect(variants.map(({ verdict, variant }) => [variant, verdict])).toEqual([
      ['baseline', 'ran'],
      ['candidate', 'ran'],
    ]);
    for (const { total, windows } of variants) {
      expect(windows).toHaveLength(1);
      expect(total).toMatchObject({ coveredSeconds: 10 });
      expect(total.series).toBeGreaterThan(0);
      expect(total.points).toBeGreaterThanOrEqual(total.series!);
      expect(total.bytes).toBeGreaterThan(total.points!);
      expect(total.cpuSeconds).toBeGreaterThan(0);
      expect(total.rssBytes).toBeGreaterThan(2 ** 20);
    }
    const [full, merged] = variants;
    expect(full!.processes.map(({ name }) => name)).toEqual(expect.arrayContaining([KEPT, MERGED]));
    expect(merged!.processes.map(({ name }) => name)).toContain(KEPT);
    expect(comparison!.lostCritical).toEqual([MERGED]);
    expect(comparison!.lost).toContain(MERGED);
    const measured = 1 - merged!.total.series! / full!.total.series!;
    expect(comparison!.reduction.series).toBeCloseTo(measured, 9);
    expect(comparison!.reduction.series).toBeGreaterThan(0);
    expect(comparison!.reduction.points).toBeCloseTo(1 - merged!.total.points! / full!.total.points!, 9);

    expect(await notes('good')).toEqual([
      'begun',
      'baseline: valid',
      'candidate: valid',
      'measuring baseline and candidate for 10 s',
      'window 1 of 1',
    ]);
    expect([...house.collectors()].map(([instance, { pid }]) => [instance, pid])).toEqual(before);
    expect([trials(), await leftovers()]).toEqual([[], []]);
    expect(await house.attempts(2)).toEqual([]);
  });

  it('tries a specification, and says by name what it loses', async () => {
    const { destination, processors, source } = specOf({
      template: 'baseline',
      parameters: { intervalSeconds: 1 },
    });
    const drops = [
      { kind: 'dropMetrics', metrics: { names: ['process.threads'], patterns: [] } },
      { kind: 'dropAttributes', on: 'resource', attributes: { names: ['process.owner'], patterns: [] } },
    ];
    const [limiter, ...others] = processors;
    const spec = pipelineSpecSchema.parse({
      source,
      processors: [limiter, ...drops, ...others],
      destination,
    });
    const rendered = renderPipeline({ spec, host: { id: HOST, labels: {} }, criticalProcesses: [] });
    const specified = { variant: 'candidate', configHash: rendered.hash, rendered } as const;
    await house.handOver(tried('specified', [baseline, specified]));
    const { card, comparison, variants } = await reportOf('specified');
    expect(variants.map(({ verdict }) => verdict)).toEqual(['ran', 'ran']);
    expect(comparison!.lostCritical).toEqual([]);
    expect(card!.metrics).toEqual({ lost: ['process.threads'], added: [] });
    expect(card!.attributes.lost).toEqual([{ on: 'resource', name: 'process.owner' }]);
    expect(card!.critical.map(({ name, outcome }) => [name, outcome])).toEqual([
      [MERGED, 'kept'],
      [KEPT, 'kept'],
    ]);
    // The machine may run this suite twice at a time.
    for (const { processes: told } of card!.critical) {
      expect(told.baseline).toBeGreaterThan(0);
      expect(told.candidate).toBe(told.baseline);
    }
    expect(card!.data).toMatchObject({ kind: 'captured', hosts: 1, windows: 10, intervalSeconds: 1 });
  });

  it('keeps its windows on the host', async () => {
    // A window from after the preflight has come, so the earlier ones have too.
    const now = Date.now();
    await until(async () => ((await house.windows()).some(({ start }) => start > now) ? true : undefined));
    const seen = new Set(
      (await house.windows()).flatMap(({ collectors }) => collectors.map(({ instance }) => instance)),
    );
    expect([...seen]).toEqual([...house.collectors().keys()]);
  });

  it("tells the collector's own sentence on what it refuses, and measures the other", async () => {
    const { configHash, rendered } = candidate as { configHash: string; rendered: { yaml: string } };
    const broken = { ...rendered, yaml: rendered.yaml.replace('hostmetrics:', 'hostmetrix:') };
    expect(broken.yaml).not.toBe(rendered.yaml);
    await house.handOver(tried('broken', [baseline, { variant: 'candidate', configHash, rendered: broken }]));
    const { card, comparison, variants } = await reportOf('broken');
    const [good, bad] = variants;
    expect(good).toMatchObject({ verdict: 'ran', reason: null });
    expect(good!.total.series).toBeGreaterThan(0);
    expect(bad).toMatchObject({ verdict: 'refused', windows: [], processes: [] });
    expect(bad!.reason).toMatch(/hostmetri/);
    expect(bad!.total).toEqual({
      ...{ coveredSeconds: 0, series: null, points: null, bytes: null, cpuSeconds: null, rssBytes: null },
    });
    expect([comparison, card]).toEqual([null, null]);
    expect((await notes('broken')).join()).toContain('candidate: refused');
  });

  it('ends within seconds when it is taken back', async () => {
    await house.handOver({ ...tried('long', [baseline, candidate]), seconds: 300 });
    await until(() => (trials().length === 2 ? true : undefined));
    const asked = Date.now();
    await house.handOver({ kind: 'CancelTask', taskId: 'cancel-long', cancels: 'long' });
    const { at, outcome } = await house.result('long');
    expect(outcome).toBe('cancelled');
    expect(Date.parse(at) - asked).toBeLessThan(15_000);
    expect([trials(), await leftovers()]).toEqual([[], []]);
  });

  it('is told as failed, once, by the next agent when its own was killed', async () => {
    await house.handOver({ ...tried('killed', [baseline, candidate]), seconds: 300 });
    await until(() => (trials().length === 2 ? true : undefined));
    const pids = trials().map(([, { pid }]) => pid);
    await agent.kill();
    // Nobody is there any more to end them: the kernel does.
    await until(() => (pids.every((pid) => readArguments(pid).length === 0) ? true : undefined));
    agent = await house.startAgent();
    expect(await house.result('killed')).toMatchObject({
      outcome: 'failed',
      detail: 'the agent ended while it was being done',
    });
    expect([trials(), await leftovers()]).toEqual([[], []]);
    await house.handOver(tried('after', [baseline]));
    await reportOf('after');
    expect(await resultsOf('killed')).toHaveLength(1);
  });

  it('tells which pipeline fell over on the way, and still what the other sent', async () => {
    const program = await misbehavingCollector(await house.folder('program'), house.otelcol);
    await agent.stop(30_000);
    agent = await house.startAgent({ PHOENIX_OTELCOL: program.path });
    await house.handOver({ ...tried('fallen', [baseline, candidate]), seconds: 10 });
    await until(async () =>
      (await notes('fallen')).some((note) => note.startsWith('measuring')) ? true : undefined,
    );
    await program.killThemselves(true);
    const { comparison, variants } = await reportOf('fallen');
    await program.killThemselves(false);
    const [good, fallen] = variants;
    expect(good).toMatchObject({ verdict: 'ran', total: { coveredSeconds: 10 } });
    expect(good!.total.points).toBeGreaterThan(0);
    expect(fallen).toMatchObject({ verdict: 'failed' });
    expect(fallen!.reason).not.toBeNull();
    expect(comparison).toBeNull();
    expect([trials(), await leftovers()]).toEqual([[], []]);
  });
});
