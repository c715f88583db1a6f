import { experimentResult, hostView, kpiBlock } from '#lib/database';
import type { ExperimentCommand } from '#lib/domain';
import { figureSchema, isMeasured, type AggregateId, type Figure, type HostId } from '#lib/events';
import { blockOf } from '../testing/blocks.js';
import { confirm } from '../testing/confirm.js';
import { hostRow } from '../testing/rows.js';
import { startCommandApi, tenant, type RunningApi } from '../testing/running-api.js';
import { verdictUpTo } from '../testing/verdicts.js';

const minute = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();
const path = '/api/v1/experiments';

describe('the result of an experiment', () => {
  let api: RunningApi;
  let id: AggregateId;
  const results = (format = '', call = api.call) =>
    call('GET', `${path}/${id}/results${format && `?format=${format}`}`, { as: 'viewer' });
  const tell = (command: ExperimentCommand) => confirm(api.app, id, command);
  const measured = (n: number, baseline: number, candidate: number): Promise<void> =>
    api.given(kpiBlock, [
      {
        ...{ tenant, experimentId: id, host: 'h1' as HostId, start: minute(n), seconds: 60 },
        ...{ block: blockOf('h1', minute(n), { baseline, candidate }), updatedAt: minute(n) },
      },
    ]);

  beforeAll(async () => {
    api = await startCommandApi();
    await api.given(hostView, [hostRow('h1')]);
    const body = {
      name: '=1+1|x',
      candidate: { kind: 'template', template: 'topk', parameters: { k: 20 } },
      targets: { hosts: ['h1'] },
    };
    id = (await api.call('POST', path, { body })).body['id'] as AggregateId;
    await api.call('POST', `${path}/${id}/start`, { body: {} });
    await tell({ type: 'BeginWarmup', at: minute(0) });
    await tell({ type: 'BeginMeasurement', at: minute(1) });
    await measured(1, 1000, 250);
    await measured(2, 2000, 500);
  });
  afterAll(() => api.stop());

  it('is refused as a conflict in every format before the conclusion, and keeps nothing', async () => {
    for (const format of ['', 'json', 'csv', 'md']) {
      const { status, body, headers } = await results(format);
      expect([status, body['code']]).toEqual([409, 'experiment-not-concluded']);
      expect(headers.get('content-type')).toContain('application/problem+json');
    }
    expect(await api.db.getRepository(experimentResult).count()).toBe(0);
    const nothing = await api.call('GET', `${path}/nothing/results`);
    expect([nothing.status, nothing.body['code']]).toEqual([404, 'experiment-not-found']);
    expect((await results('pdf')).status).toBe(400);
  });

  it('says the same for ever: after later windows, other blocks, a promotion, on another replica', async () => {
    await tell({ type: 'ConcludeExperiment', at: minute(3), verdict: verdictUpTo(minute(3)) });
    // Came after the evidence of the verdict, and must not count.
    await measured(3, 9000, 9000);
    const first = await Promise.all(['', 'csv', 'md'].map((format) => results(format)));
    expect(first.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(first[0]!.body).toMatchObject({
      experiment: { id, phase: 'concluded', concludedAt: minute(3), verdict: { decision: 'promote' } },
      kpis: {
        window: { from: minute(1), to: minute(3) },
        series: { baseline: { value: 1500 }, candidate: { value: 375 }, reduction: { value: 0.75 } },
      },
    });

    await measured(2, 8000, 8000);
    await measured(4, 7000, 7000);
    await api.call('POST', `${path}/${id}/promote`, { body: { reason: 'cheaper' } });
    await tell({ type: 'ConfirmPromotion', at: minute(5) });
    await api.call('DELETE', `${path}/${id}`);
    const { call } = await api.replica();
    for (const door of [api.call, call])
      for (const [n, format] of ['', 'csv', 'md'].entries())
        expect((await results(format, door)).text).toBe(first[n]!.text);
    expect((await api.call('GET', `${path}/${id}/results`, { tenant: 'other' })).status).toBe(404);
  });

  it('holds the same figures as JSON, CSV and Markdown, safe for spreadsheets and tables', async () => {
    const json = (await results()).body as { readonly kpis: unknown };
    const figures = figuresIn(json.kpis);
    expect(figures.length).toBeGreaterThan(10);

    const csv = await results('csv');
    expect(csv.headers.get('content-type')).toContain('text/csv');
    const [header, ...rows] = csv.text.trimEnd().split('\r\n').map(cellsOf);
    expect(header).toEqual('figure,value,unit,low,high,interval,from,to,formula,note'.split(','));
    expect(rows.map(([, ...cells]) => cells.join(';')).sort()).toEqual(figures.map(rowText).sort());

    const md = await results('md');
    expect(md.headers.get('content-type')).toContain('text/markdown');
    expect(md.text).toContain('# =1+1\\|x');
    expect(md.text).toContain('## Verdict: promote');
    expect(md.text).toContain('all \\| seen');
    const table = md.text.split('\n').filter((line) => line.startsWith('| '));
    expect(
      table
        .slice(2)
        .map((line) => line.split(' | ')[1])
        .sort(),
    ).toEqual(figures.map(valueText).sort());
    expect(table.slice(2).map((line) => line.slice(2).split(' | ')[0])).toEqual(rows.map(([name]) => name));
  });
});

/** Every figure anywhere in a document. */
function figuresIn(value: unknown): readonly Figure[] {
  if (typeof value !== 'object' || value === null) return [];
  const figure = figureSchema.safeParse(value);
  return figure.success ? [figure.data] : Object.values(value).flatMap(figuresIn);
}

/** What the cells behind the name say of a figure. */
function rowText(figure: Figure): string {
  if (!isMeasured(figure)) return ['', '', '', '', '', '', '', '', figure.reason].join(';');
  const { value, unit, window, formulaVersion, interval, note = '' } = figure;
  const around = [interval?.low ?? '', interval?.high ?? '', interval?.kind ?? ''];
  return [value, unit, ...around, window.from, window.to, formulaVersion, note].join(';');
}

function valueText(figure: Figure): string {
  return isMeasured(figure) ? `${figure.value} ${figure.unit}` : 'no data';
}

/** The cells of one line of RFC 4180, without line breaks in cells. */
function cellsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}
