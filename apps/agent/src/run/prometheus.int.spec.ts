import { MAX_UPLINK_BYTES, readRecordingReport, type RecordMetrics } from '#lib/agent-protocol';
import type { CollectorWindow } from '#lib/metering';
import {
  decodeRecording,
  playedRecording,
  preview,
  rawSpec,
  targetsIn,
  validateSpec,
  type PipelineSpec,
  type Processor,
} from '#lib/pipelines';
import { resolveCollectorWithPrometheus, type Service } from '#tools/embedded';
import { AgentHouse, applyOrder, until } from '../testing/agent-house.js';
import { startMetricsPage, type MetricsPage } from '../testing/metrics-page.js';
import { startPageBackend, type PageBackend, type ReceivedPoint } from '../testing/page-backend.js';
import { specOrder } from '../testing/pushed.js';

const SAMPLE_LIMIT = 40;
/** Bytes. */
const TOO_LARGE = 10 * 2 ** 20;
/** Of a recording, one a second. */
const WINDOWS = 10;
const tokyo = 'shop_orders_total{city="東京"} 20\n';

/** Every type that the format has, a value that is no number, and labels beyond ASCII. */
const shopPage = `# TYPE shop_orders_total counter
shop_orders_total{city="Zürich ✓"} 10
${tokyo}# TYPE shop_queue gauge
shop_queue 3
# TYPE shop_ratio gauge
shop_ratio NaN
# TYPE shop_wait_seconds histogram
shop_wait_seconds_bucket{le="0.1"} 1
shop_wait_seconds_bucket{le="1"} 4
shop_wait_seconds_bucket{le="+Inf"} 5
shop_wait_seconds_sum 7.5
shop_wait_seconds_count 5
# TYPE shop_size_bytes summary
shop_size_bytes{quantile="0.5"} 100
shop_size_bytes{quantile="0.99"} 900
shop_size_bytes_sum 1200
shop_size_bytes_count 6
shop_untyped 1
`;
const depotPage = '# TYPE depot_stock gauge\ndepot_stock{shelf="a"} 1\ndepot_stock{shelf="b"} 2\n';

/** What comes of the pages, point by point. */
const shopPoints = [
  'gauge shop_queue = 3',
  'gauge shop_ratio = NaN',
  'gauge shop_untyped = 1',
  'histogram shop_wait_seconds = 5 in 7.5',
  'sum shop_orders_total{city="Zürich ✓"} = 10',
  'sum shop_orders_total{city="東京"} = 20',
  'summary shop_size_bytes = 6 in 1200',
];
/** What the receiver says of each target at each scrape. */
const aboutTarget = [
  'scrape_duration_seconds',
  'scrape_samples_post_metric_relabeling',
  'scrape_samples_scraped',
  'scrape_series_added',
  'up',
];
/** Series of each metric that both pages and both targets give. */
const seriesOf: Readonly<Record<string, number>> = {
  ...{ shop_orders_total: 2, shop_queue: 1, shop_ratio: 1, shop_untyped: 1, shop_wait_seconds: 1 },
  ...{ shop_size_bytes: 1, depot_stock: 2 },
  ...Object.fromEntries(aboutTarget.map((name) => [name, 2])),
};

describe('pages of metrics, scraped by an agent with the collector that can', () => {
  let house: AgentHouse;
  let agent: Service;
  let larger: string;
  let backend: PageBackend;
  let shop: MetricsPage;
  let depot: MetricsPage;

  const scraping = (...processors: readonly Processor[]): PipelineSpec => ({
    source: {
      ...{ kind: 'prometheus', intervalSeconds: 1, targets: [shop.target, depot.target] },
      ...{ scheme: 'http', path: '/metrics', sampleLimit: SAMPLE_LIMIT },
    },
    processors: [
      { kind: 'memoryLimiter', limitMebibytes: 200 },
      ...processors,
      { kind: 'identifyHost' },
      { kind: 'batch', timeoutMilliseconds: 100, points: 8192 },
    ],
    destination: { ref: 'default' },
  });
  const keeping = (): PipelineSpec =>
    scraping({ kind: 'keepMetrics', metrics: { names: ['shop_wait_seconds'], patterns: ['^shop_ord'] } });
  const dropping = (): PipelineSpec =>
    scraping({ kind: 'dropMetrics', metrics: { names: ['up', 'depot_stock'], patterns: ['^scrape_'] } });

  const recording = (taskId: string): RecordMetrics => {
    const { configHash, rendered } = specOrder('baseline', rawSpec(scraping()));
    return {
      ...{ kind: 'RecordMetrics', taskId, deadline: '2999-01-01T00:00:00.000Z', seconds: WINDOWS },
      collector: { configHash, rendered },
    };
  };
  /** Starts the agent; what it says that its collector offers, and what validation makes of that. */
  const toldBy = async (environment: Readonly<Record<string, string>>) => {
    const hello = house.nextHello();
    agent = await house.startAgent(environment);
    const { offers } = (await hello).inventory!.collector;
    const rules = validateSpec(scraping(), offers).map(({ rule }) => rule);
    return { offered: Object.hasOwn(offers!.receivers, 'prometheus'), rules };
  };

  /** The next request with points of this target that fits, behind the first `from` ones. */
  const received = (
    page: MetricsPage,
    from: number,
    fits: (points: readonly ReceivedPoint[]) => boolean = () => true,
  ): Promise<readonly ReceivedPoint[]> =>
    until(() => {
      const ofPage = backend.requests
        .slice(from)
        .map((request) => request.filter(({ target }) => target === page.target));
      return ofPage.find((points) => points.length > 0 && fits(points));
    });
  /** A window of a configuration that was watched from beginning to end. */
  const metered = (variant: CollectorWindow['variant'], configHash: string): Promise<CollectorWindow> => {
    const whole = (window: CollectorWindow, seconds: number): boolean =>
      window.variant === variant &&
      window.configHash === configHash &&
      window.coveredTo - window.coveredFrom === seconds * 1000;
    return until(async () => {
      for (const { collectors, seconds } of await house.windows())
        for (const collector of collectors) if (whole(collector, seconds)) return collector;
      return undefined;
    });
  };

  // The first call on a fresh machine may build the collector.
  beforeAll(async () => {
    larger = (await resolveCollectorWithPrometheus(() => undefined)).path;
    house = await AgentHouse.open();
    [backend, shop, depot] = await Promise.all([
      startPageBackend(),
      startMetricsPage(shopPage),
      startMetricsPage(depotPage),
    ]);
  }, 1_800_000);

  afterAll(async () => {
    await house.close();
    await Promise.all([backend, shop, depot].map((one) => one.stop()));
  });

  it('are warned of where the host has the lean collector, which refuses them in its own words', async () => {
    expect(await toldBy({})).toEqual({ offered: false, rules: ['needs-contrib'] });
    await house.handOver(applyOrder(1, [specOrder('baseline', scraping())]));
    expect((await house.reached(1, 'failed')).reason).toMatch(/unknown type: "prometheus"/);
    await house.handOver(recording('refused'));
    const { detail, outcome } = await house.result('refused');
    expect(outcome).toBe('failed');
    expect(detail).toMatch(/the collector refuses the pipeline: .*unknown type: "prometheus"/s);
    await agent.stop(30_000);
  });

  it('are not warned of where it has the larger one', async () => {
    const own = { PHOENIX_OTELCOL: larger, PHOENIX_BACKEND_OTLP: backend.url };
    expect(await toldBy(own)).toEqual({ offered: true, rules: [] });
  });

  it('arrive at the backend as they are, and the meter counts just that for both variants', async () => {
    const orders = [specOrder('baseline', scraping()), specOrder('candidate', keeping())] as const;
    await house.handOver(applyOrder(2, orders));
    await house.reached(2, 'effective');

    const points = await received(shop, 0);
    const ofPage = points.filter(({ series }) => !aboutTarget.includes(series));
    expect(ofPage.map(({ series, type, value }) => `${type} ${series} = ${value}`).sort()).toEqual(
      shopPoints,
    );
    const about = points.filter(({ series }) => aboutTarget.includes(series));
    expect(about.map(({ series }) => series).sort()).toEqual(aboutTarget);
    expect(about.find(({ series }) => series === 'up')?.value).toBe('1');

    const baseline = await metered('baseline', orders[0].configHash);
    expect(seriesIn(baseline)).toEqual(seriesOf);
    expectEveryScrape(baseline);
    expect(baseline.services?.map(({ name }) => name)).toEqual(['phoenix']);
    const candidate = await metered('candidate', orders[1].configHash);
    expect(seriesIn(candidate)).toEqual({ shop_orders_total: 2, shop_wait_seconds: 1 });
    expectEveryScrape(candidate);
  });

  it('are fetched by each variant for itself, at the same time within the interval', async () => {
    /** The times of the newest scrapes by each collector. */
    const recent = (): readonly (readonly number[])[] => {
      const newest = shop.scrapes.slice(-16);
      const ports = [...new Set(newest.map(({ port }) => port))];
      return ports.map((port) => newest.filter((one) => one.port === port).map(({ at }) => at));
    };
    const times = await until(() => {
      const all = recent();
      return all.length === 2 && all.every(({ length }) => length >= 6) ? all : undefined;
    });
    const [one = 0, other = 0] = times.map((all) => middle(all.map((at) => at % 1000)));
    const apart = Math.abs(one - other);
    expect(Math.min(apart, 1000 - apart)).toBeLessThan(100);

    await house.handOver(applyOrder(3, [specOrder('baseline', scraping())]));
    await house.reached(3, 'effective');
    await until(() => (recent().length === 1 ? true : undefined));
  });

  it('lose what is said of their targets where that is dropped', async () => {
    const candidate = specOrder('candidate', dropping());
    await house.handOver(applyOrder(4, [specOrder('baseline', scraping()), candidate]));
    await house.reached(4, 'effective');
    const window = await metered('candidate', candidate.configHash);
    const kept = Object.entries(seriesOf).filter(([name]) => name.startsWith('shop_'));
    expect(seriesIn(window)).toEqual(Object.fromEntries(kept));
    expectEveryScrape(window);
  });

  it('tell once that a series has ended', async () => {
    const from = backend.requests.length;
    shop.show({ kind: 'page', text: shopPage.replace(tokyo, '') });
    const series = 'shop_orders_total{city="東京"}';
    await received(shop, from, (points) =>
      points.some((one) => one.series === series && one.value === 'stale'),
    );
    const ended = backend.requests.length;
    const later = () =>
      backend.requests.slice(ended).filter((request) => request.some(({ target }) => target === shop.target));
    await until(() => (later().length >= 3 ? true : undefined));
    expect(
      later()
        .flat()
        .filter((one) => one.series === series),
    ).toEqual([]);
    shop.show({ kind: 'page', text: shopPage });
    await received(shop, ended, (points) =>
      points.some((one) => one.series === series && one.value === '20'),
    );
  });

  it.each([
    ['breaks off', { kind: 'broken', text: shopPage }],
    ['answers 500', { kind: 'status', status: 500 }],
    ['has 10 MiB', { kind: 'page', text: ofSize(TOO_LARGE) }],
    ['has more samples than its limit', { kind: 'page', text: longPage(SAMPLE_LIMIT + 1) }],
  ] as const)('are left out whole where one %s, and the others are not', async (_what, answer) => {
    const isDown = (points: readonly ReceivedPoint[]): boolean => valueOf('up', points) === '0';
    const from = backend.requests.length;
    shop.show(answer);
    const first = await received(shop, from, isDown);
    // All that was there before has ended; nothing new has begun.
    const pageOf = (points: readonly ReceivedPoint[]) =>
      points.filter(({ series }) => !aboutTarget.includes(series));
    expect(new Set(pageOf(first).map(({ value }) => value))).toEqual(new Set(['stale']));
    expect(pageOf(first)).toHaveLength(shopPoints.length);
    const down = backend.requests.length;
    expect(pageOf(await received(shop, down, isDown))).toEqual([]);
    expect(valueOf('up', await received(depot, down))).toBe('1');

    shop.show({ kind: 'page', text: shopPage });
    const again = await received(shop, down, (points) => valueOf('up', points) === '1');
    // The beginning of a page above the limit, which was never told, is then told as ended.
    expect(pageOf(again).filter(({ value }) => value !== 'stale')).toHaveLength(shopPoints.length);
  });

  it('of just below 10 MiB, and of just the limit, are taken', async () => {
    shop.show({ kind: 'page', text: ofSize(TOO_LARGE - 1) });
    const asked = shop.scrapes.length;
    await until(() => (shop.scrapes.length > asked + 1 ? true : undefined));
    await received(shop, backend.requests.length, (all) => valueOf('shop_queue', all) === '3');

    const from = backend.requests.length;
    shop.show({ kind: 'page', text: longPage(SAMPLE_LIMIT) });
    const points = await received(shop, from, (all) => all.some(({ series }) => series === 'long{n="0"}'));
    expect(points.filter(({ value }) => value !== 'stale')).toHaveLength(SAMPLE_LIMIT + aboutTarget.length);
    shop.show({ kind: 'page', text: shopPage });
    await received(shop, from, (all) => valueOf('shop_queue', all) === '3');
  });

  it('are recorded beside the live pipeline, whole windows of all targets, and previews play them', async () => {
    await house.handOver(recording('pages'));
    const { detail, outcome } = await house.result('pages');
    expect({ outcome, detail }).toMatchObject({ outcome: 'done' });
    const perWindow = Object.values(seriesOf).reduce((sum, series) => sum + series, 0);
    const report = readRecordingReport(detail)!;
    expect(report).toMatchObject({
      windows: WINDOWS,
      endedEarly: null,
      points: WINDOWS * perWindow,
      series: perWindow,
    });

    const parts = (await house.uplink())
      .filter((message) => message.kind === 'recording-part')
      .filter(({ taskId }) => taskId === 'pages')
      .map(({ data }) => Buffer.from(data, 'base64'));
    expect(Buffer.concat(parts).length).toBeLessThan(MAX_UPLINK_BYTES.results);
    const played = playedRecording(decodeRecording(Buffer.concat(parts)));
    const both = [shop.target, depot.target].sort();
    for (const { scrapes } of played.windows)
      expect(scrapes.flatMap(({ data }) => targetsIn(data)).sort()).toEqual(both);

    const card = preview(
      {
        baseline: { spec: scraping(), criticalProcesses: [] },
        candidate: { spec: keeping(), criticalProcesses: [] },
        criticalProcesses: [],
      },
      played,
    );
    expect(card.limits.map(({ code }) => code)).not.toContain('metrics');
    expect([card.baseline.points, card.candidate.points]).toEqual([WINDOWS * perWindow, WINDOWS * 3]);
    expect([card.baseline.series, card.candidate.series]).toEqual([perWindow, 3]);
  });
});

function seriesIn({ metrics }: CollectorWindow): Readonly<Record<string, number>> {
  return Object.fromEntries(metrics.map(({ name, series }) => [name, series]));
}

/** Every scrape of a page gave each of its series once, and nothing else was counted. */
function expectEveryScrape({ activeSeries, hostPoints, metrics, points }: CollectorWindow): void {
  const pointsOf = (name: string): number => metrics.find((metric) => metric.name === name)?.points ?? 0;
  const shopScrapes = pointsOf('shop_wait_seconds');
  const depotScrapes = pointsOf('depot_stock') / 2;
  expect(shopScrapes).toBeGreaterThan(1);
  for (const { name, points: counted, series } of metrics) {
    const scrapes = { shop: series * shopScrapes, depot: series * depotScrapes };
    const expected = name.startsWith('shop_')
      ? scrapes.shop
      : name.startsWith('depot_')
        ? scrapes.depot
        : shopScrapes + depotScrapes;
    expect([name, counted]).toEqual([name, expected]);
  }
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
  expect(activeSeries).toEqual({ exact: true, value: sum(metrics.map(({ series }) => series)) });
  expect([points, hostPoints]).toEqual([sum(metrics.map((one) => one.points)), points]);
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

function valueOf(series: string, points: readonly ReceivedPoint[]): string | undefined {
  return points.find((point) => point.series === series)?.value;
}

/** The page, made this long by a comment; bytes. */
function ofSize(bytes: number): string {
  return `${shopPage}#${'-'.repeat(bytes - Buffer.byteLength(shopPage) - 2)}\n`;
}

function longPage(samples: number): string {
  const lines = Array.from({ length: samples }, (_, at) => `long{n="${at}"} ${at}\n`);
  return `# TYPE long gauge\n${lines.join('')}`;
}
