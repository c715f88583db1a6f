import { kpiBlock, metricGap, metricWindow } from '#lib/database';
import type { StartedExperiment } from '#lib/domain';
import type { AggregateId, ExperimentSpec, HostId, TenantId } from '#lib/events';
import { encodeWindowMessage, type Block } from '#lib/metering';
import { TestClock } from '#lib/platform-testing';
import { TestFleet, windowOf } from './testing/fleet.js';
import { startHouse, TestExperiment, type House } from './testing/house.js';

const pipeline = { template: 'baseline', parameters: {} };
const host = 'h1' as HostId;
const load = { host, baseline: 500, candidate: 100 };
const spec: ExperimentSpec = {
  name: 'a short run',
  baseline: { kind: 'template', ...pipeline },
  candidate: { kind: 'template', ...pipeline },
  targets: { hosts: [host] },
  schedule: { warmupSeconds: 20, minimumSeconds: 30, maximumSeconds: 90, deploySeconds: 60 },
  criticalProcesses: ['nginx'],
  guardrails: [],
  success: { kpi: 'activeSeries', minimumReduction: 0.3 },
  confidence: 0.95,
  tariff: 'grafana-cloud-pro',
};

describe('a short run', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse();
  }, 180_000);
  afterAll(() => house.stop());

  async function open(tenant: string) {
    const clock = new TestClock('2026-05-04T10:00:00.000Z');
    const analyzer = await house.startAnalyzer(clock);
    const id = `exp-${tenant}` as AggregateId;
    const experiment = new TestExperiment(house.nats, clock, tenant as TenantId, id);
    const fleet = new TestFleet(house.nats, tenant, id);
    /** Lets time pass in which the host tells its windows. */
    const live = async (ms: number): Promise<void> => {
      const from = Math.floor(clock.now() / 10_000) * 10_000;
      const to = Math.floor((clock.now() + ms) / 10_000) * 10_000;
      await house.stored(await fleet.publish(fleet.windows(load, from, to)));
      await experiment.pass(ms);
    };
    const start = async (): Promise<void> => {
      await experiment.send({ type: 'DraftExperiment', at: clock.iso(), spec });
      await experiment.send({
        type: 'StartExperiment',
        at: clock.iso(),
        hosts: [host],
        baseline: pipeline,
        candidate: pipeline,
      });
    };
    const run = async (): Promise<StartedExperiment> => {
      await live(10_000);
      await experiment.reaches('warming');
      await live(20_000);
      return (await experiment.reaches('running')) as StartedExperiment;
    };
    return { clock, analyzer, experiment, fleet, live, start, run, id, tenant: tenant as TenantId };
  }

  it('counts series by window in blocks of 30 s, and says how far its verdict reaches', async () => {
    const test = await open('short');
    await test.start();
    await test.run();
    await test.live(90_000);
    const { run } = (await test.experiment.reaches('concluded')) as StartedExperiment;
    await test.analyzer.close();
    expect(run.verdict).toMatchObject({
      decision: 'promote',
      scope: { hosts: 'this host only', time: 'this period only' },
      reduction: {
        formulaVersion: expect.stringMatching(/:windowSeries$/) as unknown,
        interval: { kind: 'range' },
      },
    });
    const blocks = await house.source.getRepository(kpiBlock).findBy({ tenant: test.tenant });
    expect(blocks.map(({ seconds }) => seconds).sort((a, b) => b - a)).toEqual([30, 30, 20]);
  });

  it('fails when a host does not report both variants in time', async () => {
    const test = await open('silent');
    await test.start();
    await test.experiment.pass(60_000);
    const state = await test.experiment.reaches('failed');
    await test.analyzer.close();
    expect(state.phase).toBe('failed');
  });

  it('is concluded at once when the bell asks for it', async () => {
    const test = await open('bell');
    await test.start();
    await test.run();
    await test.live(50_000);
    const body = new TextEncoder().encode(JSON.stringify({ tenant: 'bell', experiment: test.id }));
    const answer = await house.nats.request('bell.conclude', body, 5_000);
    expect(new TextDecoder().decode(answer.data)).toBe('{"status":"noted"}');
    const { run } = (await test.experiment.reaches('concluded')) as StartedExperiment;
    await test.analyzer.close();
    expect(run.verdict?.evidence).toMatchObject({ gapSeconds: 0 });
    // A tick more or less decides whether what follows the first 30 s is long enough to count.
    expect([1, 2]).toContain(run.verdict?.evidence.blocks);
    expect(test.clock.now()).toBeLessThan(Date.parse(run.measurementAt ?? '') + 90_000);
  });

  it('measures anew after a pause: what came before it counts no more', async () => {
    const test = await open('paused');
    await test.start();
    const before = await test.run();
    await test.live(50_000);
    await test.experiment.send({
      type: 'PauseExperiment',
      mode: 'graceful',
      at: test.clock.iso(),
      reason: 'a look at the host',
    });
    await test.experiment.pass(60_000);
    await test.experiment.send({ type: 'ResumeExperiment', at: test.clock.iso() });
    await test.live(30_000);
    const after = (await test.experiment.reaches('running')) as StartedExperiment;
    expect(Date.parse(after.run.measurementAt!)).toBeGreaterThan(Date.parse(before.run.measurementAt!));
    await test.live(90_000);
    const { run } = (await test.experiment.reaches('concluded')) as StartedExperiment;
    await test.analyzer.close();
    expect(run.verdict).toMatchObject({ decision: 'promote', evidence: { gapSeconds: 0 } });
    const blocks = await house.source.getRepository(kpiBlock).findBy({ tenant: test.tenant });
    expect(blocks.every(({ start }) => start >= after.run.measurementAt!)).toBe(true);
  });

  it('makes a block anew of a window that is told again later, also when the analyzer was away meanwhile', async () => {
    const test = await open('retold');
    await test.start();
    const { run } = await test.run();
    await test.live(50_000);
    const begin = Math.ceil(Date.parse(run.measurementAt!) / 10_000) * 10_000;
    const retell = (start: number, series: number): Promise<number> => {
      const told = windowOf({ ...load, baseline: series }, start);
      const body = encodeWindowMessage({ ...told, closedAt: start + 12_000 });
      return test.fleet.publish([test.fleet.number(host, body)]);
    };
    const points = async (): Promise<number> => {
      const row = await house.source.getRepository(kpiBlock).findOneBy({ tenant: test.tenant });
      return (row?.block as Block | undefined)?.baseline?.points ?? 0;
    };
    await test.experiment.until(async () => (await points()) > 0, 'the first block is made');
    const first = await points();
    await house.stored(await retell(begin, 10_000));
    await test.experiment.until(
      async () => (await points()) > first + 9_000,
      'the block holds the window as told later',
    );
    await test.analyzer.close();
    const sequence = await retell(begin + 10_000, 20_000);
    const analyzer = await house.startAnalyzer(test.clock);
    await house.stored(sequence);
    await test.experiment.until(
      async () => (await points()) > first + 28_000,
      'the block holds what came meanwhile',
    );
    await analyzer.close();
  });

  it('takes no harm from what is no window: it is refused and stands in the record as a gap', async () => {
    const test = await open('hurt');
    const { fleet, clock } = test;
    const good = fleet.windows(load, clock.now(), clock.now() + 10_000);
    const noise = fleet.number(host, new Uint8Array([1, 2, 3]));
    const foreign = fleet.number(host, encodeWindowMessage(windowOf({ ...load, host: 'h2' }, clock.now())));
    const newer = encodeWindowMessage({ ...windowOf(load, clock.now()), closedAt: clock.now() + 11_000 });
    const sequence = await fleet.publish([...good, noise, foreign, fleet.number(host, newer), ...good]);
    await house.nats.publisher.publish('met.hurt.h1', new Uint8Array([9]));
    await house.stored(sequence + 1);
    const rows = await house.source.getRepository(metricWindow).findBy({ tenant: test.tenant });
    const gaps = await house.source
      .getRepository(metricGap)
      .find({ where: { tenant: test.tenant }, order: { fromN: 'ASC' } });
    const health = await fetch(`${await test.analyzer.getUrl()}/health/ready`);
    const metrics = await (await fetch(`${await test.analyzer.getUrl()}/metrics`)).text();
    await test.analyzer.close();
    expect(rows).toMatchObject([{ host, n: 4, payload: Buffer.from(newer) }]);
    expect(gaps.map(({ epoch, fromN, reason }) => [epoch, fromN, reason])).toEqual([
      ['epoch-hurt', 2, 'malformed'],
      ['epoch-hurt', 3, 'foreign-host'],
      ['METRICS', sequence + 1, 'unnumbered'],
    ]);
    expect(health.status).toBe(200);
    expect(metrics).toContain('phoenix_windows_total{outcome="malformed",app="analyzer"} 1');
  });

  it('records messages that the stream discarded before anybody read them', async () => {
    const fleet = new TestFleet(house.nats, 'late', 'exp-late');
    const from = Date.parse('2026-05-04T10:00:00.000Z');
    const last = await fleet.publish(fleet.windows(load, from, from + 50_000));
    await (await house.nats.manager()).streams.purge('METRICS', { seq: last - 1 });
    const analyzer = await house.startAnalyzer(new TestClock('2026-05-04T10:01:00.000Z'));
    await house.stored(last);
    await analyzer.close();
    const gaps = await house.source.getRepository(metricGap).find({ order: { fromN: 'ASC' } });
    expect(gaps).toContainEqual(
      expect.objectContaining({ tenant: '-', toN: last - 2, reason: 'discarded by the stream' }),
    );
    expect(gaps).toContainEqual(
      expect.objectContaining({ tenant: 'late', fromN: 1, toN: 3, reason: 'missing' }),
    );
  });
});
