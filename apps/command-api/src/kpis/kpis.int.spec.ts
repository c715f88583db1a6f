import { experimentView, hostView, kpiBlock } from '#lib/database';
import type { AggregateId, HostId } from '#lib/events';
import { blockOf } from '../testing/blocks.js';
import { experimentRow, hostRow } from '../testing/rows.js';
import { startCommandApi, tenant, type RunningApi } from '../testing/running-api.js';

const minute = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();

interface Figures {
  readonly value: number;
  readonly unit: string;
  readonly interval?: unknown;
}

describe('the figures of an experiment', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startCommandApi();
    const run = {
      phase: 'running',
      measurementAt: minute(1),
      hosts: [hostRow('h1').id],
      name: '=1+1|x',
    } as const;
    await api.given(experimentView, [experimentRow('e1', run), experimentRow('empty', { name: 'empty' })]);
    await api.given(hostView, [
      hostRow('h1', { labels: { team: 'shop' } }),
      hostRow('h2'),
      hostRow('h3', { status: 'revoked' }),
    ]);
    // The first minute is warm-up and must not count.
    const series = [9000, 1000, 2000].map((baseline, n) => ({
      baseline,
      candidate: n === 0 ? 9000 : baseline / 4,
      n,
    }));
    await api.given(
      kpiBlock,
      series.map(({ n, ...counts }) => ({
        ...{ tenant, experimentId: 'e1' as AggregateId, host: 'h1' as HostId, start: minute(n), seconds: 60 },
        ...{ block: blockOf('h1', minute(n), counts), updatedAt: minute(n) },
      })),
    );
  });
  afterAll(() => api.stop());

  it('come from the counted blocks, each with unit, window and formula', async () => {
    const { body } = await api.call('GET', '/api/v1/experiments/e1/kpis', { as: 'viewer' });
    expect(body).toMatchObject({
      window: { from: minute(1), to: minute(3) },
      windows: 12,
      hosts: 1,
      gapSeconds: 0,
      series: {
        baseline: { value: 1500, unit: 'series' },
        candidate: { value: 375 },
        reduction: { value: 0.75, interval: { kind: 'range', blocks: 2 } },
      },
      pointsPerMinute: { baseline: { value: 9000 }, candidate: { value: 2250 } },
      coverage: { lost: [{ name: 'cron', series: 1500 }] },
      collector: { baseline: { cpu: { value: 0.01, unit: 'cores' } } },
    });
    expect((body['blocks'] as unknown[]).length).toBe(2);
  });

  it('tell unique series, churn, bytes and drops of each variant', async () => {
    const { body } = await api.call('GET', '/api/v1/experiments/e1/kpis', { as: 'viewer' });
    const kpis = body as unknown as Record<'uniqueSeries' | 'churn', Record<'baseline', Figures>>;
    expect(body).toMatchObject({
      uniqueSeries: { baseline: { unit: 'series', formulaVersion: 'unique-series-union/1' } },
      churn: { baseline: { unit: 'series/h', interval: { kind: 'confidence', level: 0.95 } } },
      bytesPerMinute: { baseline: { value: 90_000, unit: 'bytes/min' }, candidate: { value: 22_500 } },
      wireBytesPerMinute: { baseline: { value: 15_000 }, candidate: { value: 3_750 } },
      drops: {
        perMinute: { baseline: { value: 6, unit: 'points/min' }, candidate: { value: 6 } },
        share: { baseline: { value: 12 / 18_012, unit: 'share of points' } },
      },
    });
    // The first minute holds 1,000 series and the second the same and 1,000 more.
    expect(kpis.uniqueSeries.baseline.value).toBeGreaterThanOrEqual(2_000);
    expect(kpis.uniqueSeries.baseline.value).toBeLessThan(2_070);
    expect(Math.abs(kpis.churn.baseline.value / 60_000 - 1)).toBeLessThan(0.06);
  });

  const by = async (query: string) =>
    (await api.call('GET', `/api/v1/experiments/e1/metrics?by=${query}`, { as: 'viewer' })).body;

  it('are told by metric, most series first, the rest in one bucket', async () => {
    const all = await by('metric');
    expect(all).toMatchObject({
      ...{ experiment: 'e1', by: 'metric', label: null, hosts: 1, names: 2, rest: null, unnamed: null },
      window: { from: minute(1), to: minute(3) },
      reason: null,
      rows: [
        {
          name: 'process.cpu.time',
          baseline: {
            series: { value: 1125, unit: 'series', formulaVersion: 'named-series-block-mean/1' },
            pointsPerMinute: { value: 6000, unit: 'points/min' },
          },
          candidate: { series: { value: 281.25 } },
          reduction: { value: 0.75, formulaVersion: 'reduction-of-sums/1' },
        },
        { name: 'process.memory.usage', baseline: { pointsPerMinute: { value: 3000 } } },
      ],
    });
    const first = await by('metric&limit=1');
    expect(first).toMatchObject({ names: 2, rows: [{ name: 'process.cpu.time' }] });
    expect(first['rest']).toMatchObject({ name: '(other)', baseline: { series: { value: 375 } } });
  });

  it('are told by executable, service and namespace, and say what names none', async () => {
    expect(await by('executable')).toMatchObject({
      names: 2,
      rows: [
        { name: 'nginx', reduction: { value: 0 } },
        { name: 'cron', candidate: { series: { value: 0 } }, reduction: { value: 1 } },
      ],
    });
    expect(await by('service')).toMatchObject({
      rows: [{ name: 'cart', baseline: { series: { value: 750 }, pointsPerMinute: { value: 7500 } } }],
      unnamed: { name: '(none)', baseline: { pointsPerMinute: { value: 1500 } } },
    });
    expect(await by('namespace')).toMatchObject({
      ...{ names: 0, rows: [], reason: 'no resource names a namespace (service.namespace)' },
      unnamed: { name: '(none)', baseline: { pointsPerMinute: { value: 9000 } } },
    });
  });

  it('are told by attribute as distinct values, with the error of the sketch', async () => {
    const { rows } = (await by('attribute')) as unknown as {
      rows: { name: string; baseline: { distinctValues: Figures & { note: string } } }[];
    };
    expect(rows.map(({ name }) => name)).toEqual(['process.pid', 'state']);
    // The second minute has 40 pids, those of the first among them.
    expect(Math.abs(rows[0]!.baseline.distinctValues.value - 40)).toBeLessThanOrEqual(3);
    expect(rows[0]!.baseline.distinctValues).toMatchObject({
      unit: 'values',
      note: expect.stringContaining('standard error 3.3 %') as string,
    });
    expect(rows[1]!.baseline.distinctValues.value).toBe(2);
  });

  it('are told by a label of the hosts', async () => {
    expect(await by('host-group&label=team')).toMatchObject({
      ...{ label: 'team', hosts: 1, names: 1, unnamed: null },
      rows: [
        {
          name: 'shop',
          baseline: {
            series: { value: 1500, formulaVersion: 'active-series-block-mean/1:windowSeries' },
            pointsPerMinute: { value: 9000 },
          },
          candidate: { series: { value: 375 } },
        },
      ],
    });
    expect(await by('host-group&label=constructor')).toMatchObject({
      ...{ rows: [], reason: 'no host has the label constructor' },
      unnamed: { name: '(none)', baseline: { series: { value: 1500 } } },
    });
  });

  it('are not told by what is unknown, out of bounds or incomplete', async () => {
    const bad = ['colour', 'metric&limit=0', 'metric&limit=101', 'metric&limit=few', 'host-group'];
    for (const query of [...bad, 'metric&label=team', 'host-group&label=%21', 'metric&colour=red']) {
      const answer = await api.call('GET', `/api/v1/experiments/e1/metrics?by=${query}`);
      expect([query, answer.status, answer.body['code']]).toEqual([query, 400, 'validation-failed']);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
    expect((await api.call('GET', '/api/v1/experiments/e1/metrics')).status).toBe(400);
    const missing = await api.call('GET', '/api/v1/experiments/nothing/metrics?by=metric');
    expect([missing.status, missing.body['code']]).toEqual([404, 'experiment-not-found']);
    const empty = await api.call('GET', '/api/v1/experiments/empty/metrics?by=service');
    expect(empty.body).toMatchObject({
      ...{ rows: [], rest: null, unnamed: null, window: null, hosts: 0 },
      reason: 'no block holds both variants yet',
    });
  });

  it('say why there are none, where there are none', async () => {
    const { body } = await api.call('GET', '/api/v1/experiments/empty/kpis');
    expect(body).toMatchObject({
      window: null,
      windows: 0,
      series: { reduction: { noData: true } },
      uniqueSeries: { baseline: { noData: true, reason: 'no block holds both variants yet' } },
      churn: { candidate: { noData: true } },
      drops: { share: { baseline: { noData: true } } },
      blocks: [],
    });
    expect((body['cost'] as { saving: unknown }[])[0]?.saving).toEqual({
      noData: true,
      reason: expect.any(String) as string,
    });
    const verdict = await api.call('GET', '/api/v1/experiments/empty/verdict');
    expect([verdict.status, verdict.body['code']]).toEqual([404, 'verdict-not-given']);
    expect((await api.call('GET', '/api/v1/experiments/nothing/kpis')).body['code']).toBe(
      'experiment-not-found',
    );
  });

  it('become prices under every tariff, and a projection that is labelled as one', async () => {
    const { body } = await api.call('GET', '/api/v1/experiments/e1/cost-analysis');
    const tariffs = (await api.call('GET', '/api/v1/tariffs')).body['items'] as { id: string }[];
    const { measured, fleet } = body as unknown as {
      measured: { tariff: string; baseline: Figures & { note: string }; saving: Figures }[];
      fleet: { hosts: number; projected: { baseline: Figures & { note: string } }[] };
    };
    expect(measured.map(({ tariff }) => tariff)).toEqual(tariffs.map(({ id }) => id));
    expect(fleet.hosts).toBe(2);
    for (const [index, { baseline, saving }] of measured.entries()) {
      expect(baseline.unit).toBe('USD/month');
      expect(saving.value).toBeGreaterThanOrEqual(0);
      expect(fleet.projected[index]?.baseline.value).toBeGreaterThanOrEqual(baseline.value);
      expect(fleet.projected[index]?.baseline.note).toContain('projection, not measured');
    }
  });
});
