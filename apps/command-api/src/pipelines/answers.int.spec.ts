import { applyPatch } from 'diff';
import { experimentView, hostAttempt, hostView, pipelineVersionView, pipelineView } from '#lib/database';
import type { AggregateId, HostId, Position } from '#lib/events';
import { instantiateTemplate, renderPipeline } from '#lib/pipelines';
import { attemptRow, experimentRow, hostRow } from '../testing/rows.js';
import { startCommandApi, tenant, type RequestOptions, type RunningApi } from '../testing/running-api.js';

const AT = '2026-01-01T00:00:00.000Z';
const path = '/api/v1/pipelines';
const id = 'pl-1' as AggregateId;
const spec = { ...instantiateTemplate('topk', { k: 7 }) };
const yaml = 'receivers:\n  hostmetrics: {scrapers: {load: {}}}\n';
const topk = (k: number, host: string) =>
  renderPipeline({
    template: 'topk',
    parameters: { k },
    host: { id: host, labels: {} },
    criticalProcesses: [],
  });

describe('what is asked about pipelines over HTTP', () => {
  let api: RunningApi;
  const get = (below: string, options: RequestOptions = {}) =>
    api.call('GET', `${path}/${below}`, { as: 'viewer', ...options });
  const validate = (body: object) => api.call('POST', `${path}/validate`, { body, as: 'viewer' });
  const refusalOf = async (answer: ReturnType<typeof get>) => {
    const { status, body } = await answer;
    return [status, body['code']];
  };

  beforeAll(async () => {
    api = await startCommandApi();
    const at = { tenant, position: 7 as Position };
    const dates = { createdAt: AT, createdBy: 'x', updatedAt: AT };
    await api.given(pipelineView, [
      {
        ...{ ...at, ...dates, id, name: 'P', description: '', latestVersion: 4 },
        ...{ deprecated: false, deprecatedReason: null },
      },
    ]);
    const none = { template: null, parameters: null, spec: null, yaml: null, contentHash: null };
    const version = { ...at, ...none, pipelineId: id, publishedAt: AT, publishedBy: 'x' };
    await api.given(pipelineVersionView, [
      { ...version, version: 1, template: 'topk', parameters: { k: 5 } },
      { ...version, version: 2, spec, contentHash: 'b'.repeat(64) },
      { ...version, version: 3, yaml, contentHash: 'c'.repeat(64) },
      { ...version, version: 4, yaml: yaml.replace('load', 'cpu'), contentHash: 'd'.repeat(64) },
    ]);
  });
  afterAll(() => api.stop());

  describe('validate', () => {
    it('judges YAML by what the collector of a host offers, as far as that is known', async () => {
      const collectorOffers = {
        ...{ receivers: { otlp: 'v0.149.0' }, processors: { resourcedetection: 'v0.149.0' } },
        ...{ exporters: { otlphttp: 'v0.140.0' }, connectors: {}, extensions: {} },
      };
      await api.given(hostView, [hostRow('contrib', { collectorOffers }), hostRow('mute')]);
      const own = [
        'receivers: {otlp: {protocols: {grpc: }}}',
        'processors: {resourcedetection: {detectors: [env]}}',
        'exporters: {otlphttp: {endpoint: "https://collector.example.org"}}',
        'service: {pipelines: {metrics: {receivers: [otlp], processors: [resourcedetection], exporters: [otlphttp]}}}',
      ].join('\n');
      const rules = async (body: object) =>
        ((await validate({ yaml: own, ...body })).body['findings'] as { rule: string }[]).map(
          ({ rule }) => rule,
        );
      expect(await rules({})).toContain('unknown-component');
      expect(await rules({ forHost: 'contrib' })).not.toContain('unknown-component');
      expect(await refusalOf(validate({ yaml: own, forHost: 'mute' }))).toEqual([409, 'collector-unknown']);
      expect(await refusalOf(validate({ yaml: own, forHost: 'none' }))).toEqual([404, 'host-not-found']);
      const create = (body: object) => api.call('POST', path, { body: { name: 'own', yaml: own, ...body } });
      expect(await refusalOf(create({}))).toEqual([400, 'invalid-configuration']);
      expect((await create({ forHost: 'contrib' })).status).toBe(202);
    });

    it('judges a specification by the receivers of the host it is for', async () => {
      const collectorOffers = (receivers: Readonly<Record<string, string>>) => ({
        ...{ receivers, processors: {}, exporters: {}, connectors: {}, extensions: {} },
      });
      await api.given(hostView, [
        hostRow('lean', { collectorOffers: collectorOffers({ hostmetrics: 'v0.149.0' }) }),
        hostRow('larger', { collectorOffers: collectorOffers({ prometheus: 'v0.149.0' }) }),
      ]);
      const scraping = {
        ...instantiateTemplate('baseline', {}),
        source: {
          ...{ kind: 'prometheus', intervalSeconds: 10, targets: ['127.0.0.1:9100'] },
          ...{ scheme: 'http', path: '/metrics', sampleLimit: 1_000 },
        },
      };
      const found = async (more: object) =>
        (await validate({ spec: scraping, ...more })).body['findings'] as readonly {
          readonly rule: string;
          readonly message: string;
        }[];
      expect(await found({ forHost: 'larger' })).toEqual([]);
      const [ofPinned] = await found({});
      expect(ofPinned).toMatchObject({
        rule: 'needs-contrib',
        message: expect.stringContaining('Phoenix pins') as string,
      });
      const [ofLean] = await found({ forHost: 'lean' });
      expect(ofLean).toMatchObject({
        rule: 'needs-contrib',
        message: expect.stringContaining('the host told of') as string,
      });
    });

    it('tries the filters of YAML on a recording of the tenant', async () => {
      const fleet = { hosts: 1, processes: 20, seconds: 60 };
      const recordings = '/api/v1/recordings';
      const made = await api.call('POST', recordings, { body: { fleet }, as: 'operator' });
      expect(made.status).toBe(201);
      const filtering = (conditions: readonly string[]) => ({
        recording: made.body['id'],
        yaml: JSON.stringify({
          receivers: { otlp: { protocols: { grpc: null } } },
          processors: { filter: { metric_conditions: conditions } },
          exporters: { otlphttp: { endpoint: 'https://b.example.com' } },
          service: {
            pipelines: { metrics: { receivers: ['otlp'], processors: ['filter'], exporters: ['otlphttp'] } },
          },
        }),
      });
      const rules = async (body: object) => {
        const { findings } = (await validate(body)).body as { findings: readonly { rule: string }[] };
        return findings.map(({ rule }) => rule).filter((rule) => rule.startsWith('filter-'));
      };
      const none = filtering(['metric.name == "no.such"']);
      expect(await rules(none)).toEqual(['filter-matches-nothing']);
      expect(await rules({ yaml: none.yaml })).toEqual([]);
      expect(await rules(filtering(['IsMatch(metric.name, "^process[.]")']))).toEqual([
        'filter-matches-everything',
      ]);
      expect(await rules(filtering(['metric.name == "process.threads"']))).toEqual([]);
      const missing = { ...none, recording: 'rec-none' };
      expect(await refusalOf(validate(missing))).toEqual([404, 'recording-not-found']);
    });

    it('finds nothing wrong with what is right, of each kind', async () => {
      for (const [kind, content] of [
        ['template', { template: 'topk', parameters: { k: 3 } }],
        ['spec', { spec }],
      ] as const)
        expect((await validate(content)).body).toEqual({
          valid: true,
          kind,
          errors: 0,
          warnings: 0,
          findings: [],
        });
    });

    it('names all that is wrong with YAML at once, with line, rule and fix', async () => {
      const { status, body } = await validate({ yaml: 'receivers:\n  nope: {}\nexporters: {}\n' });
      expect(status).toBe(200);
      expect(body).toMatchObject({ valid: false, kind: 'yaml', errors: 2 });
      expect(body['findings']).toEqual(
        expect.arrayContaining([
          {
            ...{ rule: 'unknown-component', severity: 'error', path: 'receivers.nope', line: 2, column: 3 },
            ...{ message: expect.any(String) as string, fix: expect.any(String) as string },
          },
          expect.objectContaining({ rule: 'pipelines-missing' }),
        ]),
      );
    });

    it('lets warnings pass and tells them', async () => {
      const open = `receivers: {otlp: {protocols: {grpc: {endpoint: "0.0.0.0:4317"}}}}
exporters: {otlphttp: {endpoint: "https://b.example.com"}}
service: {pipelines: {metrics: {receivers: [otlp], exporters: [otlphttp]}}}
`;
      const { body } = await validate({ yaml: open });
      expect(body).toMatchObject({
        valid: true,
        errors: 0,
        findings: [
          { rule: 'open-endpoint', line: 1 },
          { rule: 'listener-once', line: 1 },
        ],
      });
    });

    it('names all that is wrong with parameters and specifications', async () => {
      const wrong = await validate({ template: 'topk', parameters: { k: 0, what: 1 } });
      expect(wrong.body).toMatchObject({ kind: 'template', errors: 2, findings: [{ line: null }, {}] });
      expect((await validate({ spec: { ...spec, processors: [] } })).body).toMatchObject({
        valid: false,
        findings: [{ rule: 'schema', path: 'processors' }],
      });
    });

    it('refuses only what it cannot read', async () => {
      expect(await refusalOf(validate({}))).toEqual([400, 'invalid-content']);
      expect(await refusalOf(validate({ yaml: 7 }))).toEqual([400, 'validation-failed']);
      expect(await refusalOf(validate({ yaml: 'x'.repeat(10_000_000) }))).toEqual([413, 'body-too-large']);
    });
  });

  describe('diff', () => {
    it('shows what changed by its path, and as text that turns one into the other', async () => {
      const { body } = await get(`${id}/diff?from=1&to=2`);
      expect(body).toMatchObject({ from: 1, to: 2, equal: false });
      expect(body['specification']).toEqual({
        changes: [{ path: 'processors.1.k', change: 'changed', before: 5, after: 7 }],
      });
      const { text } = body['rendered'] as { text: string };
      expect(text).toBe('');
    });

    it('renders both for the host that is named', async () => {
      await api.given(hostView, [hostRow('h9')]);
      const { body } = await get(`${id}/diff?from=3&to=1&host=h9`);
      expect(body['specification']).toMatchObject({ noData: true });
      const { host, text } = body['rendered'] as { host: string; text: string };
      expect(host).toBe('h9');
      expect(applyPatch(yaml, text)).toBe(topk(5, 'h9').yaml);
    });

    it('compares imported configurations too', async () => {
      const { body } = await get(`${id}/diff?from=3&to=4`);
      expect(body['specification']).toEqual({
        changes: [
          { path: 'receivers.hostmetrics.scrapers.cpu', change: 'added', after: {} },
          { path: 'receivers.hostmetrics.scrapers.load', change: 'removed', before: {} },
        ],
      });
      expect(body['rendered']).toMatchObject({
        host: null,
        text: expect.stringMatching(/^-.*load/m) as string,
      });
    });

    it.each([
      ['a version that is not there', `${id}/diff?from=1&to=9`, 404, 'pipeline-version-not-found'],
      ['a pipeline that is not there', 'none/diff?from=1&to=2', 404, 'pipeline-not-found'],
      ['a host that is not there', `${id}/diff?from=1&to=2&host=none`, 404, 'host-not-found'],
      ['one version only', `${id}/diff?from=1`, 400, 'validation-failed'],
      ['version 0', `${id}/diff?from=0&to=1`, 400, 'validation-failed'],
    ])('refuses %s', async (_case, below, status, code) => {
      expect(await refusalOf(get(below))).toEqual([status, code]);
    });

    it('shows nothing to another tenant', async () => {
      const other = { tenant: 'other' };
      expect(await refusalOf(get(`${id}/diff?from=1&to=2`, other))).toEqual([404, 'pipeline-not-found']);
      expect(await refusalOf(get(`${id}/usage`, other))).toEqual([404, 'pipeline-not-found']);
    });
  });

  it('tells who uses which version, and where a host has not said', async () => {
    expect((await get(`${id}/usage`)).body).toMatchObject({ experiments: [], hosts: [] });
    const { spec: drafted } = experimentRow('e');
    const candidate = { kind: 'pipeline', pipelineId: id, version: 1 } as const;
    const frozen = { template: 'topk', parameters: { k: 5 }, pipelineId: id, version: 1 };
    const baseline = { template: 'baseline', parameters: {} };
    const hosts = ['h1', 'h2', 'h3'] as HostId[];
    const started = { spec: { ...drafted, candidate }, hosts, baseline, candidate: frozen };
    await api.given(experimentView, [
      experimentRow('e1', { ...started, phase: 'running', createdAt: '2026-01-02T00:00:00.000Z' }),
      experimentRow('e2', { ...started, phase: 'stopped' }),
      experimentRow('e3', {
        spec: { ...drafted, baseline: candidate },
        createdAt: '2025-01-01T00:00:00.000Z',
      }),
      experimentRow('e4'),
    ]);
    const running = (host: string) => [{ variant: 'candidate' as const, configHash: topk(5, host).hash }];
    await api.given(hostView, [
      hostRow('h1', { generation: 3, collectors: running('h1') }),
      hostRow('h2', { generation: 2, collectors: [] }),
      hostRow('h3'),
    ]);
    await api.given(hostAttempt, [
      attemptRow('h1', { stage: 'offered', generation: 2, collectors: [] }),
      attemptRow('h1', { stage: 'offered', generation: 3, taskId: 'g3', collectors: running('h1') }),
      attemptRow('h2', { stage: 'offered', generation: 2, taskId: 'g2', collectors: running('h2') }),
    ]);
    const { body } = await get(`${id}/usage`);
    const use = { role: 'candidate', version: 1 };
    expect(body['experiments']).toEqual([
      { id: 'e1', name: 'e1', phase: 'running', ...use },
      { id: 'e2', name: 'e2', phase: 'stopped', ...use },
      { id: 'e3', name: 'e3', phase: 'draft', role: 'baseline', version: 1 },
    ]);
    const on = (host: string, experimentId: string, desired: string, effective: string) => ({
      ...{ host, experimentId, ...use, configHash: topk(5, host).hash, desired, effective },
    });
    expect(body['hosts']).toEqual([
      on('h1', 'e1', 'yes', 'yes'),
      on('h2', 'e1', 'yes', 'no'),
      on('h3', 'e1', 'no-data', 'no-data'),
    ]);
    expect(body['leftOut']).toEqual({ experiments: false, hosts: false });
  });
});
