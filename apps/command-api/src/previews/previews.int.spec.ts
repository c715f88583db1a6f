import { RECORDINGS_BUCKET } from '#lib/events';
import {
  encodeRecording,
  fleetParametersSchema,
  recordingFacts,
  specOf,
  syntheticRecording,
  type PreviewReport,
} from '#lib/pipelines';
import { METRICS, ObjectBucket, RecordingStore, systemClock, type Metrics } from '#lib/platform';
import { eventually } from '#lib/platform-testing';
import { startCommandApi, tenant, type RunningApi } from '../testing/running-api.js';

const baseline = { kind: 'template', template: 'baseline', parameters: {} };
const topK = { kind: 'template', template: 'topk', parameters: { k: 3 } };
const fleet = { hosts: 2, processes: 40, churn: 0 };
const preview = '/api/v1/pipelines/preview';
const recordings = '/api/v1/recordings';

describe('previews and recordings', () => {
  let api: RunningApi;

  beforeAll(async () => {
    api = await startCommandApi();
  });
  afterAll(() => api.stop());

  const ask = (body: object, path = preview) => api.call('POST', path, { body, as: 'viewer' });
  const record = async (body: object, of?: string): Promise<string> => {
    const answer = await api.call('POST', recordings, { body, ...(of === undefined ? {} : { tenant: of }) });
    expect(answer.status).toBe(201);
    return String(answer.body['id']);
  };

  it('tell what a candidate loses, priced and on a card, and the same from a recording', async () => {
    const request = { baseline, candidate: topK, criticalProcesses: ['sshd'] };
    const { body, status } = await ask({ ...request, fleet, tariff: 'datadog-custom-metrics' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      report: {
        baseline: { series: 2 * 40 * 9, points: 2 * 40 * 9 * 6, processes: 80 },
        critical: [{ name: 'sshd', outcome: 'kept' }],
      },
      price: { tariff: 'datadog-custom-metrics', price: { unit: 'USD/month' } },
    });
    expect(String(body['card'])).toContain('No critical process is lost.');

    const id = await record({ fleet });
    const again = await ask({ ...request, recording: id });
    expect(again.status).toBe(200);
    const reportOf = ({ report }: Record<string, unknown>) => ({ ...(report as object), data: 0, limits: 0 });
    expect(reportOf(again.body)).toEqual(reportOf(body));
  });

  it('give the card alone to those who ask for Markdown', async () => {
    const request = { baseline, candidate: topK, fleet };
    const byQuery = await ask(request, `${preview}?format=md`);
    expect(byQuery.headers.get('content-type')).toContain('text/markdown');
    expect(byQuery.text).toMatch(/^# What would I lose\?/);
    const byHeader = await api.call('POST', preview, { body: request, headers: { accept: 'text/markdown' } });
    expect(byHeader.text).toBe(byQuery.text);
  });

  it('say no data where the recording is too short for what a tariff counts', async () => {
    const short = { baseline, candidate: topK, fleet: { ...fleet, seconds: 30 } };
    const series = await ask({ ...short, tariff: 'datadog-custom-metrics' });
    expect(series.body['price']).toMatchObject({ price: { noData: true } });
    const samples = await ask({ ...short, tariff: 'aws-amp' });
    expect(samples.body['price']).toMatchObject({ price: { unit: 'USD/month' } });
  });

  it('take a specification, and name every finding of both pipelines', async () => {
    const spec = specOf({ template: 'topk', parameters: { k: 3 } });
    const fine = await ask({ baseline, candidate: { kind: 'spec', spec }, fleet });
    expect(fine.body['report']).toEqual((await ask({ baseline, candidate: topK, fleet })).body['report']);

    const wrong = await ask({
      baseline: { kind: 'template', template: 'nope', parameters: {} },
      candidate: { kind: 'spec', spec: { ...spec, processors: spec.processors.slice(1, 2) } },
    });
    expect([wrong.status, wrong.body['code']]).toEqual([400, 'invalid-parameters']);
    const fields = (wrong.body['errors'] as { readonly field: string }[]).map(({ field }) => field);
    expect(fields).toEqual(['baseline.template', 'candidate.spec.processors.0', 'candidate.spec.processors']);
  });

  it.each([
    [{ candidate: { ...topK, parameters: { k: 0 } } }, 400, 'invalid-parameters'],
    [{ candidate: { kind: 'pipeline', pipelineId: 'none', version: 1 } }, 422, 'unknown-pipeline-version'],
    [{ fleet: { hosts: 200, processes: 5_000 } }, 422, 'fleet-too-large'],
    [{ fleet: { hosts: -1 } }, 400, 'validation-failed'],
    [{ tariff: 'nope' }, 422, 'unknown-tariff'],
    [{ recording: 'rec-none' }, 404, 'recording-not-found'],
    [{ recording: 'rec-none', fleet: {} }, 400, 'two-sources-of-data'],
    [{ recording: 'rec-none', recordings: ['rec-none'] }, 400, 'two-sources-of-data'],
    [{ recordings: ['rec-none'] }, 404, 'recording-not-found'],
    [{ recordings: [] }, 400, 'validation-failed'],
    [{ recordings: ['a', 'a'] }, 400, 'validation-failed'],
  ])('refuse %j', async (part, status, code) => {
    const answer = await ask({ baseline, candidate: topK, ...part });
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });

  it('play what two hosts were recorded of as one fleet, if it fits together', async () => {
    const store = new RecordingStore(api.nats, systemClock);
    const capturedOn = async (host: string, seconds = 20) => {
      const about = { tenant, createdAt: systemClock.iso() };
      const made = syntheticRecording(fleetParametersSchema.parse({ processes: 30, seconds }), about);
      const header = { ...made.header, kind: 'captured', hosts: [host] } as const;
      const exports = (window: (typeof made.windows)[number]) =>
        window.exports.map(({ body }) => ({ body, host }));
      const windows = made.windows.map((window) => ({ ...window, exports: exports(window) }));
      const content = encodeRecording({ header, windows });
      const id = `rec-${host}`;
      const view = { id, ...recordingFacts(header), expiresAt: '2999-01-01T00:00:00.000Z' };
      await store.save(tenant, { ...view, bytes: content.length }, content);
      return id;
    };
    const ids = [await capturedOn('web-1'), await capturedOn('web-2')];
    const request = { baseline, candidate: topK };
    const one = (await ask({ ...request, recordings: ids.slice(0, 1) })).body['report'] as PreviewReport;
    const both = (await ask({ ...request, recordings: ids })).body['report'] as PreviewReport;
    expect(both.data).toMatchObject({ kind: 'captured', hosts: 2, windows: 2 });
    expect(both.baseline.points).toBe(2 * one.baseline.points);
    expect(both.limits.map(({ code }) => code)).not.toContain('made-up');
    const twice = await ask({ ...request, recordings: [ids[0], await capturedOn('web-3', 30)] });
    expect([twice.status, twice.body['code']]).toEqual([422, 'recordings-not-mergeable']);
  });

  it('are given up when whoever asked has gone', async () => {
    const registry = api.app.get<Metrics>(METRICS).registry;
    const figure = async (name: string, outcome?: string): Promise<number> => {
      const { values } = await registry.getSingleMetric(`phoenix_previews_${name}`)!.get();
      return values.find(({ labels }) => labels['outcome'] === outcome)?.value ?? 0;
    };
    const count = (outcome: string): Promise<number> => figure('total', outcome);
    const [before, done] = [await count('abandoned'), await count('done')];
    const gone = new AbortController();
    const body = { baseline, candidate: { ...topK, template: 'aggregated', parameters: {} } };
    const asked = fetch(`${api.url}${preview}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${api.token('viewer')}`, 'content-type': 'application/json' },
      // It takes some seconds to play, so it is not done when the caller leaves.
      body: JSON.stringify({ ...body, fleet: { hosts: 6, processes: 5_000, seconds: 10 } }),
      signal: gone.signal,
    });
    await eventually(async () => (await figure('in_flight')) === 1, 'the preview runs');
    gone.abort();
    await expect(asked).rejects.toThrow();
    await eventually(async () => (await count('abandoned')) > before, 'the preview is given up');
    expect(await count('done')).toBe(done);
  });

  it('keep recordings to their tenant, list, show and delete them', async () => {
    const id = await record({ fleet: { processes: 3 } }, 'another');
    for (const [method, path] of [
      ['GET', `${recordings}/${id}`],
      ['DELETE', `${recordings}/${id}`],
    ] as const) {
      const answer = await api.call(method, path);
      expect([answer.status, answer.body['code']]).toEqual([404, 'recording-not-found']);
    }
    const theirs = await ask({ baseline, candidate: topK, recording: id });
    expect(theirs.status).toBe(404);
    const shown = await api.call('GET', `${recordings}/${id}`, { tenant: 'another' });
    expect(shown.body).toMatchObject({ id, hosts: 1, points: 3 * 9 * 6 });
    const list = async () => (await api.call('GET', recordings, { tenant: 'another' })).body['items'];
    expect(await list()).toEqual([shown.body]);
    expect(
      (await api.call('DELETE', `${recordings}/${id}`, { tenant: 'another', as: 'viewer' })).status,
    ).toBe(403);
    expect((await api.call('DELETE', `${recordings}/${id}`, { tenant: 'another' })).status).toBe(200);
    expect(await list()).toEqual([]);
  });

  it('are made once for one key, and not beyond what a tenant may keep', async () => {
    const body = { fleet: { processes: 1, seconds: 10 } };
    const headers = { 'idempotency-key': 'once' };
    const make = (more: object = {}) => api.call('POST', recordings, { body, tenant: 'full', ...more });
    const [first, second] = [await make({ headers }), await make({ headers })];
    expect(second.body).toEqual(first.body);
    for (let kept = 1; kept < 20; kept++) expect((await make()).status).toBe(201);
    const over = await make();
    expect([over.status, over.body['code']]).toEqual([409, 'recordings-full']);
  });

  it('do not find what has expired, and throw it away', async () => {
    const bucket = new ObjectBucket(api.nats, RECORDINGS_BUCKET);
    const id = await record({ fleet: { processes: 1 } });
    const name = `${tenant}/${id}`;
    const view = (await api.call('GET', `${recordings}/${id}`)).body;
    const content = await bucket.get(name);
    const expired = { ...view, expiresAt: '2020-01-01T00:00:00.000Z' };
    await bucket.put(name, content!, { recording: JSON.stringify(expired) });
    expect((await api.call('GET', `${recordings}/${id}`)).status).toBe(404);
    expect((await ask({ baseline, candidate: topK, recording: id })).status).toBe(404);
    await api.call('GET', recordings);
    expect(await bucket.describe(name)).toBeUndefined();
  });

  it('refuse a stored recording whose content is damaged', async () => {
    const bucket = new ObjectBucket(api.nats, RECORDINGS_BUCKET);
    const id = await record({ fleet: { processes: 1 } });
    const name = `${tenant}/${id}`;
    const [content, { metadata }] = [await bucket.get(name), (await bucket.describe(name))!];
    await bucket.put(name, content!.subarray(0, -1), metadata);
    const answer = await ask({ baseline, candidate: topK, recording: id });
    expect([answer.status, answer.body['code']]).toEqual([422, 'recording-damaged']);
  });
});
