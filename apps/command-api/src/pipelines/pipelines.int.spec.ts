import { hostView, pipelineVersionView, pipelineView } from '#lib/database';
import { contentHash } from '#lib/domain';
import type { AggregateId, Position } from '#lib/events';
import { instantiateTemplate } from '#lib/pipelines';
import { hostRow } from '../testing/rows.js';
import { startCommandApi, tenant, type RequestOptions, type RunningApi } from '../testing/running-api.js';

const path = '/api/v1/pipelines';
const spec = instantiateTemplate('topk', { k: 7 });
const pushedSpec = {
  ...spec,
  processors: spec.processors.filter(({ kind }) => kind !== 'keepTopK'),
};
const yaml = `receivers:
  hostmetrics:
    scrapers: {load: {}}
processors:
  resource: {attributes: [{key: host.name, value: 'web-1', action: upsert}]}
exporters:
  otlphttp: {endpoint: https://backend.example.com}
service:
  pipelines:
    metrics: {receivers: [hostmetrics], processors: [resource], exporters: [otlphttp]}
`;

describe('the catalogue of pipelines over HTTP', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startCommandApi();
    await api.given(hostView, [hostRow('h1')]);
  });
  afterAll(() => api.stop());

  const post = (to: string, body: unknown, options: RequestOptions = {}) =>
    api.call('POST', `${path}${to}`, { body, ...options });
  const refused = async (answer: ReturnType<typeof post>) => {
    const { status, body } = await answer;
    return [status, body['code']];
  };
  const created = async (content: object): Promise<AggregateId> => {
    const answer = await post('', { name: 'P', ...content });
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 202 });
    return answer.body['id'] as AggregateId;
  };
  const versionsOf = async (id: AggregateId) => {
    const commits = await api.store.load({ tenant, aggregate: 'pipeline', id });
    return commits
      .flatMap(({ events }) => events)
      .flatMap((event) => (event.type === 'PipelineVersionPublished' ? [event.data] : []));
  };

  it.each([
    ['a template', { template: 'topk', parameters: { k: 5 } }],
    ['a specification', { spec }],
    ['the configuration of a host', { yaml }],
  ])('publishes %s with its hash, and nothing where nothing has changed', async (_kind, content) => {
    const id = await created(content);
    const again = await post(`/${id}/versions`, content);
    expect(again.status).toBe(202);
    const changed = await post(`/${id}/versions`, { template: 'baseline' });
    expect(Number(changed.body['position'])).toBeGreaterThan(Number(again.body['position']));
    const hash = contentHash(content);
    expect(await versionsOf(id)).toMatchObject([
      { version: 1, ...content, contentHash: hash },
      { version: 2, template: 'baseline' },
    ]);
  });

  it.each([
    ['nothing', {}, 400, 'invalid-content'],
    ['two kinds at once', { template: 'topk', yaml }, 400, 'invalid-content'],
    ['parameters of a specification', { spec, parameters: { k: 1 } }, 400, 'invalid-content'],
    ['an unknown template', { template: 'none' }, 400, 'invalid-parameters'],
    ['a specification without parts', { spec: {} }, 400, 'invalid-specification'],
    [
      'a text that no database keeps',
      { spec: { ...spec, destination: { ref: 'a\0' } } },
      400,
      'invalid-specification',
    ],
    ['half of a surrogate pair', { yaml: `${yaml}# \ud800` }, 400, 'invalid-configuration'],
    ['a name with NUL', { template: 'topk', name: 'a\0' }, 400, 'validation-failed'],
    ['a configuration over 256 KiB', { yaml: `${yaml}# ${'x'.repeat(262_144)}` }, 413, 'content-too-large'],
    ['one that JSON makes too large', { yaml: `${yaml}# ${'"'.repeat(240_000)}` }, 413, 'content-too-large'],
    ['a body over a mebibyte', { yaml: 'x'.repeat(1_100_000) }, 413, 'body-too-large'],
    [
      'parameters over 64 KiB',
      { template: 'topk', parameters: { k: 'x'.repeat(70_000) } },
      413,
      'content-too-large',
    ],
  ])('takes no pipeline with %s', async (_case, content, status, code) => {
    expect(await refused(post('', { name: 'P', ...content }))).toEqual([status, code]);
  });

  it('names every error of a configuration with its line, and repeats no secret', async () => {
    const wrong = yaml.replace(
      'https://backend.example.com',
      'https://backend.example.com, headers: {api-key: 4f9d0c3b8a7e61f25d}, timeout: -1s',
    );
    const { body, text } = await post('', { name: 'P', yaml: wrong });
    expect(body['errors']).toMatchObject([
      {
        field: 'exporters.otlphttp.headers.api-key',
        problems: [expect.stringMatching(/^line 7: .*\[secret-in-clear\]$/), expect.any(String)],
      },
      { field: 'exporters.otlphttp.timeout' },
    ]);
    expect(text).not.toContain('4f9d0c3b');
  });

  it('revises exactly the version that the caller saw', async () => {
    const id = await created({ template: 'topk' });
    const first = await post(`/${id}/versions`, { template: 'topk', parameters: { k: 1 } });
    const headers = { 'if-match': first.headers.get('etag')! };
    const at = (k: number) => post(`/${id}/versions`, { template: 'topk', parameters: { k } }, { headers });
    const both = await Promise.all([at(2), at(3)]);
    expect(both.map(({ status }) => status).sort()).toEqual([202, 412]);
    expect(await versionsOf(id)).toHaveLength(3);
  });

  it('takes a deprecated pipeline no further, nor anything new with it', async () => {
    const id = await created({ spec });
    const reason = 'Use Top 50';
    expect(await refused(post(`/${id}/deprecate`, {}))).toEqual([400, 'validation-failed']);
    expect((await post(`/${id}/deprecate`, { reason })).status).toBe(202);
    expect((await post(`/${id}/deprecate`, { reason: 'again' })).status).toBe(202);
    const gone = [409, 'pipeline-deprecated'];
    expect(await refused(post(`/${id}/versions`, { spec }))).toEqual(gone);
    expect(await refused(drafted(id))).toEqual(gone);
    const preflight = { kind: 'Preflight', candidate: { kind: 'pipeline', pipelineId: id, version: 1 } };
    const tried = api.call('POST', '/api/v1/fleet/hosts/h1/tasks', { body: preflight });
    expect(await refused(tried)).toEqual(gone);
    expect((await tried).text).toContain(reason);
  });

  it('starts nothing that was deprecated after it was drafted', async () => {
    const id = await created({ template: 'topk' });
    const draft = await drafted(id);
    await post(`/${id}/deprecate`, { reason: 'old' });
    const start = api.call('POST', `/api/v1/experiments/${draft.body['id'] as string}/start`, { body: {} });
    expect(await refused(start)).toEqual([409, 'pipeline-deprecated']);
  });

  it('runs a specification in an experiment, frozen as it was published', async () => {
    const id = await created({ spec });
    const draft = (await drafted(id)).body['id'] as AggregateId;
    const started = await api.call('POST', `/api/v1/experiments/${draft}/start`, { body: {} });
    expect(started.status).toBe(202);
    const commits = await api.store.load({ tenant, aggregate: 'experiment', id: draft });
    expect(commits.at(-1)?.events).toMatchObject([
      { type: 'ExperimentStarted', data: { candidate: { spec, pipelineId: id, version: 1 } } },
    ]);
    await api.call('POST', `/api/v1/experiments/${draft}/stop`, { body: {} });
  });

  it('lets both pipelines of an experiment be pushed to at one port only, for gRPC too', async () => {
    const pushed = (port: number, more: object = {}) => ({
      spec: { ...pushedSpec, source: { kind: 'otlp', port, ...more } },
    });
    const [one, other] = [await created(pushed(4318)), await created(pushed(4319))];
    const asBaseline = { kind: 'pipeline', pipelineId: other, version: 1 };
    const draft = drafted(one, asBaseline);
    expect(await refused(draft)).toEqual([400, 'invalid-specification']);
    expect((await draft).text).toContain('to port 4319 for the baseline and to port 4318 for the candidate');
    expect((await drafted(one, { ...asBaseline, pipelineId: one })).status).toBe(202);
    expect((await drafted(one)).status).toBe(202);
    const both = await created(pushed(4318, { grpcPort: 4317 }));
    const withoutGrpc = drafted(one, { ...asBaseline, pipelineId: both });
    expect(await refused(withoutGrpc)).toEqual([400, 'invalid-specification']);
    expect((await withoutGrpc).text).toContain(
      'by gRPC to port 4317 for the baseline and to no port for the',
    );
    expect((await drafted(both, { ...asBaseline, pipelineId: both })).status).toBe(202);
  });

  it('drafts an experiment with an imported configuration', async () => {
    expect((await drafted(await created({ yaml }))).status).toBe(202);
  });

  it('renders a specification as its template, and YAML as it is', async () => {
    const host = { id: 'h1' };
    const bySpec = (await post('/render', { spec, host })).body;
    const byTemplate = (await post('/render', { template: 'topk', parameters: { k: 7 }, host })).body;
    expect(bySpec).toEqual({ ...byTemplate, templateId: 'custom' });
    expect((await post('/render', { yaml, host })).body).toMatchObject({ imported: true, yaml });
    expect(await refused(post('/render', { spec: {}, host }))).toEqual([400, 'invalid-specification']);
  });

  it('knows no pipeline of another tenant', async () => {
    const id = await created({ template: 'topk' });
    const other = { tenant: 'other' };
    const missing = [404, 'pipeline-not-found'];
    expect(await refused(post(`/${id}/versions`, { template: 'topk' }, other))).toEqual(missing);
    expect(await refused(post(`/${id}/deprecate`, { reason: 'x' }, other))).toEqual(missing);
    expect(await refused(post('/none/deprecate', { reason: 'x' }))).toEqual(missing);
    const viewer = post(`/${id}/deprecate`, { reason: 'x' }, { as: 'viewer' });
    expect(await refused(viewer)).toEqual([403, 'forbidden']);
  });

  it('shows a pipeline and each version of it, YAML only where one is asked for', async () => {
    const AT = '2026-01-01T00:00:00.000Z';
    const at = { tenant, position: 7 as Position };
    const id = 'shown' as AggregateId;
    await api.given(pipelineView, [
      {
        ...{ ...at, id, name: 'Shown', description: '', latestVersion: 3, deprecated: false },
        ...{ deprecatedReason: null, createdAt: AT, createdBy: 'x', updatedAt: AT },
      },
    ]);
    const none = { template: null, parameters: null, spec: null, yaml: null, contentHash: 'a'.repeat(64) };
    const version = { ...at, ...none, pipelineId: id, publishedAt: AT, publishedBy: 'x' };
    const oldest = { template: 'topk', parameters: { k: 1 }, contentHash: null };
    await api.given(pipelineVersionView, [
      { ...version, version: 1, ...oldest },
      { ...version, version: 2, spec: { ...spec } },
      { ...version, version: 3, yaml },
    ]);
    const get = (below: string, options: RequestOptions = {}) =>
      api.call('GET', `${path}/shown${below}`, options);
    expect(await get('')).toMatchObject({ status: 200, body: { name: 'Shown', latestVersion: 3 } });
    expect((await get('')).headers.get('etag')).toBe('"7"');
    const list = (await get('/versions')).body['items'];
    const { template, parameters } = oldest;
    const hash = contentHash({ template, parameters });
    expect(list).toMatchObject([
      { version: 3, kind: 'yaml', contentHash: 'a'.repeat(64) },
      { version: 2, kind: 'spec', spec },
      { version: 1, kind: 'template', template, parameters, contentHash: hash },
    ]);
    expect(JSON.stringify(list)).not.toContain('receivers:');
    expect((await get('/versions/3')).body).toMatchObject({ kind: 'yaml', yaml });
    expect(await refused(get('/versions/4'))).toEqual([404, 'pipeline-version-not-found']);
    expect(await refused(get('/versions/latest'))).toEqual([404, 'not-found']);
    const missing = [404, 'pipeline-not-found'];
    expect(await refused(get('', { tenant: 'other' }))).toEqual(missing);
    expect(await refused(get('/versions/3', { tenant: 'other' }))).toEqual(missing);
  });

  function drafted(pipelineId: AggregateId, baseline?: object) {
    const candidate = { kind: 'pipeline', pipelineId, version: 1 };
    const body = { name: 'E', ...(baseline && { baseline }), candidate, targets: { hosts: ['h1'] } };
    return api.call('POST', '/api/v1/experiments', { body });
  }
});
