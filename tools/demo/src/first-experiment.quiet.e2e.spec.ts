import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  PhoenixClient,
  type Accepted,
  type BreakdownAnswer,
  type BreakdownCell,
  type BreakdownRow,
  type ExperimentAnswer,
  type Figure,
  type HostAnswer,
  type HostDetailAnswer,
  type KpiAnswer,
  type MeasuredFigure,
  type PageAnswer,
  type PreflightReportAnswer,
  type RecordingAnswer,
  type RecordingReportAnswer,
  type TaskDetailAnswer,
} from '#lib/client';
import type { PreviewReport } from '#lib/pipelines';
import { repositoryRoot } from '#tools/embedded';
import { startHouse, type House } from '#tools/house';
import { criticalProcesses, startDemoProcesses, type DemoProcesses } from './processes.js';
import { FeedClient } from './testing/feed.js';
import { startRecordingBackend, type RecordingBackend } from './testing/recording-backend.js';
import { until } from './testing/until.js';

const MINUTES = 60_000;
const WINDOW_MS = 10_000;

let folder: string;
let processes: DemoProcesses;
let backend: RecordingBackend;
let house: House;
let client: PhoenixClient;
let feed: FeedClient;
let host: HostAnswer;
let id: string;
let concluded: ExperimentAnswer;
let kpis: KpiAnswer;

const measured = (figure: Figure): MeasuredFigure => {
  if ('noData' in figure) throw new Error(`no data: ${figure.reason}`);
  return figure;
};
/** The command line, as a person in the same house types it. */
const phoenix = (...words: string[]) =>
  promisify(execFile)(process.execPath, [join(repositoryRoot(), 'bin', 'phoenix.mjs'), ...words], {
    env: { ...process.env, PHOENIX_DATA_DIR: join(folder, 'data') },
  });
const asked = async <T>(...words: string[]): Promise<T> =>
  JSON.parse((await phoenix(...words, '-o', 'json')).stdout) as T;
const experiment = () => client.get<ExperimentAnswer>(`/experiments/${id}`);
const hostNow = () => client.get<HostDetailAnswer>(`/fleet/hosts/${host.id}`);
const breakdown = (query: Readonly<Record<string, string>>) =>
  client.get<BreakdownAnswer>(`/experiments/${id}/metrics`, { query });
const numberIn = (cell: BreakdownCell, what: 'series' | 'pointsPerMinute'): number => {
  if ('distinctValues' in cell) throw new Error('values add up to nothing');
  return measured(cell[what]).value;
};
const seriesIn = (cell: BreakdownCell): number => numberIn(cell, 'series');
/** Of the baseline over all rows of a breakdown. */
const totalOf = ({ rows, rest, unnamed }: BreakdownAnswer, what: 'series' | 'pointsPerMinute') =>
  [...rows, rest, unnamed]
    .filter((row): row is BreakdownRow => row !== null)
    .reduce((sum, { baseline }) => sum + numberIn(baseline, what), 0);
const variantsNow = async () => (await hostNow()).collectors.map(({ variant }) => variant).sort();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phoenix-e2e-'));
  processes = await startDemoProcesses(join(folder, 'processes'));
  backend = await startRecordingBackend();
  house = await startHouse({
    dataDirectory: join(folder, 'data'),
    log: () => undefined,
    ports: 'free',
    backendUrl: backend.url,
  });
  client = new PhoenixClient({ apiUrl: house.apiUrl, token: house.api.token });
  host = await until('the host', async () => {
    const { items } = await client.get<PageAnswer<HostAnswer>>('/fleet/hosts');
    return items.find(({ status }) => status === 'online');
  });
}, 5 * MINUTES);

afterAll(async () => {
  feed.close();
  await house.stop();
  await backend.stop();
  await processes.stop();
  await rm(folder, { recursive: true, force: true });
}, 2 * MINUTES);

const K = 8;
/** Of a process: three of CPU time, two of disk, one each of four others. */
const SERIES_EACH = 9;
/** From here on the processes of the demo do next to nothing, and none of them is critical. */
const IDLE_FROM = 11;
const nameOf = ({ name }: { readonly name: string }): string => name;
const words = ['--candidate', 'topk', '--param', `k=${K}`, '--critical', criticalProcesses.join(',')];
let previewed: PreviewReport;
let tried: PreflightReportAnswer;

describe('what if', () => {
  it(
    'the host is recorded, the candidate previewed on that and tried on the host, and nothing is ordered',
    async () => {
      const capture = ['recording', 'capture', host.id, '--seconds', '30'];
      const { report } = await asked<TaskDetailAnswer & { report: RecordingReportAnswer }>(...capture);
      expect(report).toMatchObject({ windows: 3, intervalSeconds: 10, endedEarly: null });
      const kept = await asked<RecordingAnswer>('recording', 'show', report.recording!);
      expect(kept).toMatchObject({ kind: 'captured', hosts: 1, points: report.points, bytes: report.bytes });
      const answer = await asked<{ readonly report: PreviewReport; readonly card: string }>(
        ...['pipeline', 'preview', ...words, '--recording', kept.id],
      );
      previewed = answer.report;
      expect(answer.card).toContain(`on host ${host.id}`);
      const task = await asked<TaskDetailAnswer & { report: PreflightReportAnswer }>(
        ...['task', 'preflight', host.id, '--baseline', 'baseline', ...words],
      );
      tried = task.report;
      expect(task.card).toContain('What would I lose?');
      expect(await variantsNow()).toEqual([]);
      expect((await client.get<PageAnswer<ExperimentAnswer>>('/experiments')).items).toEqual([]);
      expect(backend.points).toEqual([]);
    },
    5 * MINUTES,
  );
});

describe('the first experiment', () => {
  it(
    'runs both variants on this host and concludes by itself',
    async () => {
      expect(house.collectorNotice).toMatch(/real/);
      const drafted = await client.post<Accepted>('/experiments', {
        idempotencyKey: 'first',
        body: {
          name: 'first experiment',
          baseline: { kind: 'template', template: 'baseline', parameters: {} },
          candidate: { kind: 'template', template: 'topk', parameters: { k: K } },
          targets: { hosts: [host.id] },
          // Ten seconds more than a minute, so that the whole windows among them hold the end of a minute.
          schedule: { warmupSeconds: 10, minimumSeconds: 70, maximumSeconds: 70, deploySeconds: 120 },
          criticalProcesses,
          guardrails: [{ kpi: 'criticalCoverage', margin: 0 }],
          success: { kpi: 'activeSeries', minimumReduction: 0.2 },
          confidence: 0.95,
          tariff: 'grafana-cloud-pro',
        },
      });
      id = drafted.id;
      feed = await FeedClient.open(house.webSocketUrl, house.api.token, [
        'experiments',
        `kpis:${id}`,
        'fleet',
      ]);
      const started = await client.post<Accepted>(`/experiments/${id}/start`, {
        query: { atLeast: drafted.position },
      });
      await client.get(`/experiments/${id}`, { query: { atLeast: started.position } });
      concluded = await until('the verdict', async () => {
        const now = await experiment();
        if (now.phase === 'failed') throw new Error(now.reason ?? 'failed');
        return now.phase === 'concluded' ? now : undefined;
      });
      kpis = await client.get<KpiAnswer>(`/experiments/${id}/kpis`);
    },
    6 * MINUTES,
  );

  it('knows what the collector of the host offers', async () => {
    const { version, offers } = await client.get<{
      readonly version: string;
      readonly offers: { readonly receivers: Readonly<Record<string, string>> } | null;
    }>(`/fleet/hosts/${host.id}/collector`);
    expect(offers?.receivers).toMatchObject({ hostmetrics: `v${version}` });
  });

  it('reduces series without losing a critical process, and says how far that reaches', () => {
    expect(measured(kpis.series.candidate).value).toBeLessThan(measured(kpis.series.baseline).value);
    expect(measured(kpis.series.reduction).value).toBeGreaterThan(0.2);
    expect(measured(kpis.coverage.critical).value).toBe(1);
    expect(kpis.coverage.criticalProcesses).toEqual({
      inBoth: [...criticalProcesses].sort(),
      lost: [],
      neverSeen: [],
    });
    expect(concluded.verdict).toMatchObject({
      decision: 'promote',
      scope: { hosts: 'this host only', time: 'this period only' },
    });
    expect(measured(kpis.series.reduction).interval?.kind).not.toBe('confidence');
  });

  it('agrees with what was previewed and tried before', async () => {
    const idle = processes.names.slice(IDLE_FROM);
    const inPreview = previewed.processes.executables.filter(({ outcome }) => outcome === 'lost').map(nameOf);
    const { rows } = await breakdown({ by: 'executable', limit: '100' });
    const inExperiment = rows.filter(({ candidate }) => seriesIn(candidate) === 0).map(nameOf);
    for (const lost of [inPreview, tried.comparison!.lost, inExperiment]) {
      // A first set is chosen before anybody knows who is busy, so it may hold some that do nothing.
      expect(idle.filter((name) => !lost.includes(name)).length).toBeLessThanOrEqual(K);
      for (const name of criticalProcesses) expect(lost).not.toContain(name);
    }
    for (const variant of ['baseline', 'candidate'] as const) {
      const { value } = measured(kpis.series[variant]);
      // Every series has one point in each scrape.
      const before = {
        preview: previewed[variant].points / previewed.data.windows,
        preflight: tried.variants.find((one) => one.variant === variant)!.total.series!,
      };
      // A critical process that is also among the busiest makes the set smaller by one, sometimes here and not there.
      const apart = Math.max(0.1 * value, 2 * SERIES_EACH);
      const close = Object.entries(before).filter(([, series]) => Math.abs(series - value) <= apart);
      expect({ variant, value, ...before, close: close.length }).toMatchObject({ close: 2 });
    }
  });

  it('measures what the collectors cost', () => {
    for (const variant of ['baseline', 'candidate'] as const) {
      expect(measured(kpis.collector[variant].cpu).value).toBeGreaterThan(0);
      expect(measured(kpis.collector[variant].memory).value).toBeGreaterThan(10e6);
    }
    expect(kpis.cost.length).toBeGreaterThanOrEqual(5);
  });

  it('tells what each variant sent, lost and renewed, and why it cannot tell churn from one minute', () => {
    const { bytesPerMinute, wireBytesPerMinute, drops, churn } = kpis;
    expect(measured(bytesPerMinute.baseline).value).toBeGreaterThan(0);
    expect(measured(bytesPerMinute.candidate).value).toBeGreaterThan(0);
    expect(measured(bytesPerMinute.candidate).value).toBeLessThan(measured(bytesPerMinute.baseline).value);
    for (const variant of ['baseline', 'candidate'] as const) {
      expect(wireBytesPerMinute[variant]).toMatchObject({ noData: true });
      expect(measured(kpis.uniqueSeries[variant]).value).toBeGreaterThanOrEqual(
        measured(kpis.series[variant]).value,
      );
      expect(measured(drops.share[variant]).value).toBeLessThan(0.01);
      expect(churn[variant]).toMatchObject({ noData: true });
    }
  });

  it('counts the unique series that the backend counts in the same minute', () => {
    const { window, value } = measured(kpis.uniqueSeries.baseline);
    const end = Math.floor(Date.parse(window.to) / MINUTES) * MINUTES;
    const inMinute = backend.points.filter(({ arrivedAt }) => arrivedAt >= end - MINUTES && arrivedAt < end);
    const unique = new Set(inMinute.map(({ series }) => series)).size;
    expect(unique).toBeGreaterThan(0);
    expect(Math.abs(value - unique) / unique).toBeLessThan(0.02);
  });

  it('breaks the series down, and every point is in one of the rows', async () => {
    const points = measured(kpis.pointsPerMinute.baseline).value;
    const metrics = await breakdown({ by: 'metric' });
    expect(metrics.rows.map(({ name }) => name)).toContain('process.cpu.time');
    expect(totalOf(metrics, 'pointsPerMinute') / points).toBeCloseTo(1, 6);
    // Of each block the most in any window, so never less than the mean over windows.
    expect(totalOf(metrics, 'series')).toBeGreaterThan(0.999 * measured(kpis.series.baseline).value);
    const first = await breakdown({ by: 'metric', limit: '1' });
    expect([first.rows.length, first.rest?.name]).toEqual([1, '(other)']);
    expect(totalOf(first, 'pointsPerMinute') / points).toBeCloseTo(1, 6);
    const executables = await breakdown({ by: 'executable', limit: '100' });
    for (const name of criticalProcesses) expect(executables.rows.map((row) => row.name)).toContain(name);
    const services = await breakdown({ by: 'service' });
    expect(totalOf(services, 'pointsPerMinute') / points).toBeCloseTo(1, 6);
    const groups = await breakdown({ by: 'host-group', label: 'no-such-label' });
    expect(groups).toMatchObject({ rows: [], reason: 'no host has the label no-such-label' });
    expect(totalOf(groups, 'series')).toBeCloseTo(measured(kpis.series.baseline).value, 6);
    const attributes = await breakdown({ by: 'attribute' });
    const pids = attributes.rows.find(({ name }) => name === 'process.pid');
    if (pids === undefined || !('distinctValues' in pids.baseline)) throw new Error('no pids');
    expect(measured(pids.baseline.distinctValues).value).toBeGreaterThan(1);
    expect(measured(pids.reduction).value).toBeGreaterThan(0);
  });

  it('counts the series that the backend counts by itself', () => {
    const { window, value } = measured(kpis.series.baseline);
    const counts = new Map<number, Set<string>>();
    for (const { series, arrivedAt } of backend.points) {
      const start = Math.floor(arrivedAt / WINDOW_MS) * WINDOW_MS;
      if (start < Date.parse(window.from) || start + WINDOW_MS > Date.parse(window.to)) continue;
      counts.set(start, (counts.get(start) ?? new Set()).add(series));
    }
    const perWindow = [...counts.values()].map((set) => set.size);
    const mean = perWindow.reduce((sum, size) => sum + size, 0) / perWindow.length;
    expect(perWindow.length).toBeGreaterThanOrEqual(4);
    expect(Math.abs(value - mean) / mean).toBeLessThan(0.01);
  });

  it('sent nothing to the backend twice, and nothing of the candidate', () => {
    const seen = new Set<string>();
    const twice = backend.points.filter(({ series, timeUnixNano }) => {
      const point = `${series} @ ${timeUnixNano}`;
      return seen.has(point) || !seen.add(point);
    });
    expect(twice).toEqual([]);
  });

  it('told it all over the feed', () => {
    for (const word of [id, 'deploying', 'warming', 'running', 'concluded', host.id])
      expect(feed.text()).toContain(word);
  });

  it(
    'is found by the command line, which is logged in',
    async () => {
      const status = await phoenix('-o', 'json', 'experiment', 'status', id);
      expect(JSON.parse(status.stdout)).toMatchObject({ experiment: { id, phase: 'concluded' } });
      expect((await phoenix('experiment', 'metrics', id)).stdout).toContain('unique series');
      const byMetric = await phoenix('experiment', 'metrics', id, '--by', 'metric', '--limit', '3');
      expect(byMetric.stdout).toContain('(other)');
      const json = await phoenix('-o', 'json', 'experiment', 'metrics', id, '--by', 'attribute');
      expect(JSON.parse(json.stdout)).toMatchObject({ by: 'attribute', reason: null });
      await expect(phoenix('experiment', 'metrics', id, '--by', 'colour')).rejects.toMatchObject({ code: 3 });
      expect((await phoenix('fleet')).stdout).toContain(host.id);
      await expect(phoenix('experiment', 'status', 'nothing')).rejects.toMatchObject({ code: 4 });
      await expect(phoenix('experiment', 'pause', id)).rejects.toMatchObject({ code: 3 });
      expect((await phoenix('doctor')).stdout).toContain('ok');
    },
    MINUTES,
  );

  it(
    'asks the host for a log and for a restart, and shows every stage of that',
    async () => {
      const task = (...words: string[]) => phoenix('-o', 'json', 'task', ...words);
      const log = JSON.parse((await task('logs', host.id, '--lines', '3')).stdout) as TaskDetailAnswer;
      expect(log).toMatchObject({ phase: 'done', host: host.id });
      expect(log.detail?.split('\n')).toHaveLength(3);
      // Beside the restart the set of the busiest may change, which starts other processes as well.
      const candidates = async () => {
        const { presence } = await hostNow();
        const own = presence?.collectors.filter(({ variant }) => variant === 'candidate') ?? [];
        return own.map(({ pid }) => pid);
      };
      const before = await candidates();
      const restarted = JSON.parse(
        (await task('restart', host.id, '--variant', 'candidate')).stdout,
      ) as TaskDetailAnswer;
      expect(restarted.stages.map(({ stage }) => stage)).toEqual([
        'requested',
        'offered',
        'accepted',
        'running',
        'done',
      ]);
      await until('other processes', async () => {
        const now = await candidates();
        return now.length > 0 && now.every((pid) => !before.includes(pid)) ? true : undefined;
      });
      await expect(task('logs', 'nowhere')).rejects.toMatchObject({ code: 4 });
      await expect(task('cancel', restarted.id)).rejects.toMatchObject({ code: 3 });
    },
    4 * MINUTES,
  );

  it(
    'promotes: the host runs the candidate alone, and it exports to the backend',
    async () => {
      await client.post(`/experiments/${id}/promote`, { body: { reason: 'cheaper' } });
      await until('the promotion', async () =>
        (await experiment()).phase === 'promoted' ? true : undefined,
      );
      expect(await variantsNow()).toEqual(['candidate']);
      const before = backend.points.length;
      await until('points of the candidate', () => (backend.points.length > before ? true : undefined));
    },
    3 * MINUTES,
  );

  it(
    'lets a newly hot process into the set after the baseline is gone',
    async () => {
      const hot = await startDemoProcesses(join(folder, 'hot'), [{ name: 'suddenly-hot', work: 40_000 }]);
      try {
        const since = Date.now();
        await until('the hot process', () =>
          backend.points.some((p) => p.executable === 'suddenly-hot' && p.arrivedAt > since)
            ? true
            : undefined,
        );
      } finally {
        await hot.stop();
      }
    },
    3 * MINUTES,
  );

  it(
    'rolls back to the baseline at once',
    async () => {
      await client.post(`/experiments/${id}/rollback`, { body: { mode: 'instant', reason: 'drill' } });
      await until('the rollback', async () =>
        (await experiment()).phase === 'rolled_back' ? true : undefined,
      );
      expect(await variantsNow()).toEqual(['baseline']);
    },
    3 * MINUTES,
  );
});
