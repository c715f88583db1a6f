import { createHash } from 'node:crypto';
import {
  MAX_CAPTURED_BYTES,
  MAX_UPLINK_BYTES,
  RECORDING_PART_BYTES,
  readPreflightReport,
  readRecordingReport,
  type PreviewReport,
  type RecordingPart,
  type RecordMetrics,
} from '#lib/agent-protocol';
import { decodeRecording, playedRecording, preview, rawSpec, renderPipeline, specOf } from '#lib/pipelines';
import type { Service } from '#tools/embedded';
import { sandboxFolder } from '../collectors/otelcol-engine.js';
import { runningInstances } from '../collectors/survivors.js';
import { AgentHouse, applyOrder, collectorOrder, HOST, TENANT, until } from '../testing/agent-house.js';
import { settledProcess, type SettledProcess } from '../testing/settled-processes.js';

const LATER = '2999-01-01T00:00:00.000Z';
const KEPT = 'capture-kept';
const MERGED = 'capture-gone';
const critical = [KEPT, MERGED];
const sources = {
  baseline: { template: 'baseline', parameters: { intervalSeconds: 1 } },
  candidate: { template: 'topk', parameters: { intervalSeconds: 1, k: 1 } },
} as const;

function capturing(taskId: string, more: Partial<RecordMetrics> = {}): RecordMetrics {
  const rendered = renderPipeline({
    spec: rawSpec(specOf(sources.baseline)),
    host: { id: HOST, labels: {} },
    criticalProcesses: [],
  });
  return {
    ...{ kind: 'RecordMetrics', taskId, deadline: LATER, seconds: 10 },
    collector: { configHash: rendered.hash, rendered },
    ...more,
  };
}

describe('recording on a host', () => {
  let house: AgentHouse;
  let agent: Service;
  let processes: readonly SettledProcess[];

  const trials = () =>
    [...runningInstances(sandboxFolder(house.agentFolder)).keys()].filter(
      (instance) => !instance.startsWith('validate-'),
    );
  const partsOf = async (id: string): Promise<readonly RecordingPart[]> =>
    (await house.uplink())
      .filter((message) => message.kind === 'recording-part')
      .filter(({ taskId }) => taskId === id);

  beforeAll(async () => {
    house = await AgentHouse.open();
    const folder = await house.folder('processes');
    processes = await Promise.all([KEPT, MERGED].map((name) => settledProcess(folder, name, 0)));
    agent = await house.startAgent();
    await house.handOver(applyOrder(1, [collectorOrder('baseline', 'baseline')]));
    await house.reached(1, 'effective');
  });
  afterAll(async () => {
    await Promise.all(processes.map((one) => one.end()));
    await house.close();
  });

  it('sends all parts before the result, and a preview of them agrees with a preflight', async () => {
    const before = [...house.collectors().keys()];
    await house.handOver(capturing('good'));
    const { detail, outcome } = await house.result('good');
    expect({ outcome, detail }).toMatchObject({ outcome: 'done' });
    const report = readRecordingReport(detail)!;
    expect(report).toMatchObject({ windows: 10, intervalSeconds: 1, endedEarly: null, recording: null });

    const order = (await house.uplink())
      .filter(({ kind }) => kind === 'recording-part' || kind === 'task-result')
      .map(({ kind }) => kind);
    expect(order).toEqual([...Array<string>(report.parts).fill('recording-part'), 'task-result']);
    const content = Buffer.concat((await partsOf('good')).map(({ data }) => Buffer.from(data, 'base64')));
    expect(content.length).toBe(report.bytes);
    expect(createHash('sha256').update(content).digest('hex')).toBe(report.sha256);
    const recording = decodeRecording(content);
    expect(recording.header).toMatchObject({
      ...{ kind: 'captured', source: `task good on host ${HOST}`, tenant: TENANT, hosts: [HOST] },
      ...{ windows: 10, points: report.points, series: report.series },
    });
    expect([trials(), [...house.collectors().keys()]]).toEqual([[], before]);

    const pipeline = (source: Parameters<typeof specOf>[0], keep: readonly string[]) => ({
      ...{ spec: specOf(source), criticalProcesses: keep },
    });
    const played = preview(
      {
        baseline: pipeline(sources.baseline, []),
        candidate: pipeline(sources.candidate, [KEPT]),
        criticalProcesses: critical,
      },
      playedRecording(recording),
    );
    await house.handOver({
      ...{ kind: 'Preflight', taskId: 'same', deadline: LATER, seconds: 10, criticalProcesses: critical },
      collectors: [
        collectorOrder('baseline', 'baseline'),
        collectorOrder('candidate', 'topk', { parameters: { k: 1 }, critical: [KEPT] }),
      ].map(({ configHash, rendered, variant }) => ({ variant, configHash, rendered })),
    });
    const measured = readPreflightReport((await house.result('same')).detail)!;
    const card = measured.card!;
    // The card counts what the meter counted, exactly.
    expect(card.baseline.points).toBe(measured.variants[0]!.total.points);
    expect(card.candidate.points).toBe(measured.variants[1]!.total.points);
    expect(measured.comparison!.lostCritical).toEqual([MERGED]);
    for (const one of [card, played]) expect(lostIn(one)).toEqual([MERGED]);
    const ours = (report: PreviewReport) =>
      report.processes.executables.filter(({ name }) => critical.includes(name));
    expect(ours(card)).toEqual(ours(played));
    expect(ours(card)).toHaveLength(2);
    expect([card.metrics, card.attributes]).toEqual([played.metrics, played.attributes]);
    // The two look at this machine one after the other, and other processes come and go on it between them: a third
    // more or less is what other suites beside this one make of it. A pipeline that is not the same is off by far more.
    const perWindow = ({ baseline, data }: PreviewReport) => baseline.points / data.windows;
    expect(perWindow(card) / perWindow(played)).toBeGreaterThan(2 / 3);
    expect(perWindow(card) / perWindow(played)).toBeLessThan(3 / 2);
    expect(card.reduction.points! - played.reduction.points!).toBeCloseTo(0, 0);
    expect(Math.abs(card.reduction.points! - played.reduction.points!)).toBeLessThan(0.15);
  });

  it('leaves nothing and sends nothing when it is taken back', async () => {
    await house.handOver(capturing('long', { seconds: 300 }));
    await until(() => (trials().length === 1 ? true : undefined));
    await house.handOver({ kind: 'CancelTask', taskId: 'cancel-long', cancels: 'long' });
    expect((await house.result('long')).outcome).toBe('cancelled');
    expect([trials(), await partsOf('long')]).toEqual([[], []]);
  });

  it("fails with the collector's own sentence, or when its rendering is of another hash", async () => {
    const good = capturing('broken');
    const { rendered } = good.collector as { rendered: { yaml: string } };
    const yaml = rendered.yaml.replace('hostmetrics:', 'hostmetrix:');
    await house.handOver({ ...good, collector: { ...good.collector, rendered: { ...rendered, yaml } } });
    const broken = await house.result('broken');
    expect(broken.outcome).toBe('failed');
    expect(broken.detail).toMatch(/refuses the pipeline.*hostmetri/s);
    await house.handOver({ ...capturing('hash'), collector: { configHash: 'other', rendered } });
    expect(await house.result('hash')).toMatchObject({ outcome: 'failed' });
    expect([...(await partsOf('broken')), ...(await partsOf('hash'))]).toEqual([]);
  });

  it('is told as failed, once, when the agent is killed amid it', async () => {
    await house.handOver(capturing('killed', { seconds: 300 }));
    await until(() => (trials().length === 1 ? true : undefined));
    await agent.kill();
    agent = await house.startAgent();
    expect(await house.result('killed')).toMatchObject({
      outcome: 'failed',
      detail: 'the agent ended while it was being done',
    });
    expect([trials(), await partsOf('killed')]).toEqual([[], []]);
  });

  it('has parts that fit the lane', () => {
    const data = Buffer.alloc(RECORDING_PART_BYTES).toString('base64');
    const part: RecordingPart = { kind: 'recording-part', at: LATER, taskId: 'x'.repeat(100), part: 0, data };
    expect(JSON.stringify(part).length).toBeLessThanOrEqual(MAX_UPLINK_BYTES.results);
    expect(MAX_CAPTURED_BYTES).toBeGreaterThan(RECORDING_PART_BYTES);
  });
});

function lostIn({ critical: named }: PreviewReport): readonly string[] {
  return named.filter(({ outcome }) => outcome === 'lost').map(({ name }) => name);
}
