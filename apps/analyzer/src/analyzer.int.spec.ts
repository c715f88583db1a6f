import { kpiBlock, kpiChange, metricGap, metricWindow } from '#lib/database';
import type { StartedExperiment } from '#lib/domain';
import type { AggregateId, ExperimentSpec, HostId, TenantId, Verdict } from '#lib/events';
import { TestClock } from '#lib/platform-testing';
import { TestFleet, type HostLoad, type Outgoing } from './testing/fleet.js';
import { startHouse, TestExperiment, type House } from './testing/house.js';

const START = '2026-05-04T10:00:00.000Z';
const SLICE_MS = 300_000;
const MEASURED_MS = 3_600_000;
const pipeline = { template: 'baseline', parameters: {} };

const specFor = (hosts: readonly HostId[]): ExperimentSpec => ({
  name: 'fewer series',
  baseline: { kind: 'template', ...pipeline },
  candidate: { kind: 'template', ...pipeline },
  targets: { hosts: [...hosts] },
  schedule: { warmupSeconds: 60, minimumSeconds: 600, maximumSeconds: MEASURED_MS / 1000, deploySeconds: 90 },
  criticalProcesses: ['nginx'],
  guardrails: [
    { kpi: 'processCoverage', margin: 0.05 },
    { kpi: 'collectorCpu', margin: 0.1 },
  ],
  success: { kpi: 'activeSeries', minimumReduction: 0.3 },
  confidence: 0.95,
  tariff: 'grafana-cloud-pro',
});

/** Twelve hosts whose candidate sends a share of the baseline, a little different on each. */
const fleetOf = (share: number): readonly HostLoad[] =>
  Array.from({ length: 12 }, (_, i) => ({
    host: `h${String(i).padStart(2, '0')}`,
    baseline: 200 + 5 * i,
    candidate: Math.round((200 + 5 * i) * share) + (i % 3),
  }));

interface Run {
  readonly tenant: string;
  readonly loads: readonly HostLoad[];
  /** What is published of a slice of time, in which order. */
  readonly sent?: (slice: readonly Outgoing[]) => readonly Outgoing[];
  /** Ends the analyzer while it still reads, and starts another, in the middle of the measurement. */
  readonly restart?: boolean;
}

/** Runs an experiment of an hour from draft to verdict, on real NATS and Postgres, with time made by the test. */
async function verdictOf(
  house: House,
  { tenant, loads, sent = (slice) => slice, restart }: Run,
): Promise<Verdict> {
  const clock = new TestClock(START);
  let analyzer = await house.startAnalyzer(clock);
  const id = `exp-${tenant}` as AggregateId;
  const experiment = new TestExperiment(house.nats, clock, tenant as TenantId, id);
  const fleet = new TestFleet(house.nats, tenant, id);
  const hosts = loads.map(({ host }) => host as HostId);
  let told = clock.now();
  const tellUntil = (end: number): Promise<number> => {
    const slice = loads.flatMap((load) => fleet.windows(load, told, end));
    told = end;
    return fleet.publish(sent(slice));
  };
  try {
    await experiment.send({ type: 'DraftExperiment', at: clock.iso(), spec: specFor(hosts) });
    await experiment.send({
      type: 'StartExperiment',
      at: clock.iso(),
      hosts,
      baseline: pipeline,
      candidate: pipeline,
    });
    await house.stored(await tellUntil(clock.now() + 10_000));
    await experiment.pass(10_000);
    await experiment.reaches('warming');
    await house.stored(await tellUntil(told + 60_000));
    await experiment.pass(60_000);
    const { run } = (await experiment.reaches('running')) as StartedExperiment;
    const end = Math.floor((Date.parse(run.measurementAt ?? '') + MEASURED_MS) / 10_000) * 10_000;
    while (told < end) {
      const sequence = await tellUntil(Math.min(told + SLICE_MS, end));
      if (restart === true && told > end - MEASURED_MS / 2 && told <= end - MEASURED_MS / 2 + SLICE_MS) {
        await analyzer.close();
        analyzer = await house.startAnalyzer(clock);
      }
      await house.stored(sequence);
      await experiment.pass(told - clock.now());
    }
    const state = (await experiment.reaches('concluded')) as StartedExperiment;
    return state.run.verdict!;
  } finally {
    await analyzer.close();
  }
}

describe('an experiment of an hour on twelve hosts', () => {
  let house: House;
  let first: Verdict;
  beforeAll(async () => {
    house = await startHouse();
    first = await verdictOf(house, { tenant: 'first', loads: fleetOf(0.4) });
  }, 180_000);
  afterAll(() => house.stop());

  it('promotes across hosts when every host sends far fewer series', () => {
    expect(first).toMatchObject({
      decision: 'promote',
      scope: { hosts: 'across hosts' },
      reduction: {
        formulaVersion: expect.stringMatching(/:activeSeries$/) as unknown,
        interval: { kind: 'confidence' },
      },
      evidence: { blocks: 144, gapSeconds: 0 },
    });
    expect(first.health.filter(({ passed }) => !passed)).toEqual([]);
  });

  it('leaves blocks without holes from the first whole window of the measurement on, and tells the feeds', async () => {
    const blocks = await house.source
      .getRepository(kpiBlock)
      .findBy({ experimentId: 'exp-first' as AggregateId });
    const own = blocks.filter(({ host }) => host === ('h00' as HostId)).map(({ start }) => Date.parse(start));
    expect(own.sort((a, b) => a - b).map((start) => start - Math.min(...own))).toEqual(
      Array.from({ length: 12 }, (_, i) => i * SLICE_MS),
    );
    expect(
      await house.source.getRepository(kpiChange).countBy({ experimentId: 'exp-first' as AggregateId }),
    ).toBeGreaterThan(11);
  });

  it('gives the same verdict of windows that come permuted and repeated, to an analyzer that was restarted', async () => {
    const twice = (slice: readonly Outgoing[]): readonly Outgoing[] =>
      [...slice, ...slice.slice(0, 40)]
        .map((one, i) => ({ one, order: (i * 7919) % 1009 }))
        .sort((a, b) => a.order - b.order)
        .map(({ one }) => one);
    const again = await verdictOf(house, {
      tenant: 'again',
      loads: fleetOf(0.4),
      sent: twice,
      restart: true,
    });
    expect(again.evidence).toEqual(first.evidence);
    expect(again).toEqual(first);
    const gaps = await house.source.getRepository(metricGap).findBy({ tenant: 'again' as TenantId });
    expect(gaps).toEqual([]);
    const rows = await house.source.getRepository(metricWindow).countBy({ tenant: 'again' as TenantId });
    expect(rows).toBe(
      await house.source.getRepository(metricWindow).countBy({ tenant: 'first' as TenantId }),
    );
  }, 180_000);

  it('never promotes an A/A run, and states a lost window as a gap', async () => {
    const verdict = await verdictOf(house, {
      tenant: 'same',
      loads: fleetOf(1).map((load) => ({ ...load, candidate: load.baseline })),
      sent: (slice) => slice.filter(({ host, n }) => !(host === 'h03' && n === 100)),
    });
    expect(verdict.decision).toBe('keep-baseline');
    expect(verdict.evidence.gapSeconds).toBe(10);
    const gaps = await house.source.getRepository(metricGap).findBy({ tenant: 'same' as TenantId });
    expect(gaps).toMatchObject([{ host: 'h03', fromN: 100, toN: 100, reason: 'missing' }]);
  }, 180_000);
});
