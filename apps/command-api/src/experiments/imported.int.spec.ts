import { hostView } from '#lib/database';
import type { AggregateId } from '#lib/events';
import { hostRow } from '../testing/rows.js';
import { startCommandApi, tenant, type RunningApi } from '../testing/running-api.js';

const own = (receivers: string, role = '"web"', rest = ''): string => `receivers:
  ${receivers}
processors:
  resource: {attributes: [{key: host.name, value: web-1, action: upsert}, {key: role, value: ${role}, action: upsert}]}
exporters:
  otlphttp: {endpoint: https://backend.example.com, headers: {api-key: "\${env:BACKEND_KEY}"}}
${rest}service:
  pipelines:
    metrics: {receivers: [${receivers.split(':', 1)[0] ?? ''}], processors: [resource], exporters: [otlphttp]}
`;
const hostmetrics = 'hostmetrics: {collection_interval: 10s, scrapers: {load: {}}}';
const otlp = 'otlp: {protocols: {grpc: {endpoint: "127.0.0.1:4317"}}}';

/** A specification that applications push to. */
const pushed = {
  source: { kind: 'otlp', port: 4318, intervalSeconds: 10 },
  processors: [{ kind: 'memoryLimiter', limitMebibytes: 100 }, { kind: 'identifyHost' }],
  destination: { ref: 'default' },
};

describe('imported configurations in experiments over HTTP', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startCommandApi();
    await api.given(hostView, [
      hostRow('h1'),
      hostRow('h3'),
      { ...hostRow('h2'), labels: { role: 'db' } },
      { ...hostRow('h4'), labels: { role: 'r'.repeat(900) } },
    ]);
  });
  afterAll(() => api.stop());

  const post = (to: string, body: unknown) => api.call('POST', `/api/v1${to}`, { body });
  const version = async (content: object) => {
    const { body, status, text } = await post('/pipelines', { name: 'P', ...content });
    expect({ status, text }).toMatchObject({ status: 202 });
    return { kind: 'pipeline', pipelineId: body['id'] as string, version: 1 };
  };
  const template = { kind: 'template', template: 'topk', parameters: {} };
  const draft = (body: object) =>
    post('/experiments', { name: 'E', candidate: template, targets: { hosts: ['h1'] }, ...body });

  it('drafts and starts one, with warnings, and freezes the text', async () => {
    const yaml = own(hostmetrics);
    const drafted = await draft({ baseline: await version({ yaml }), criticalProcesses: ['nginx'] });
    expect(drafted.status).toBe(202);
    expect(drafted.body['findings']).toMatchObject([
      { rule: 'host-must-permit', severity: 'warning', path: 'baseline' },
      { rule: 'critical-not-kept', severity: 'warning', path: 'baseline' },
    ]);
    const id = drafted.body['id'] as AggregateId;
    expect((await post(`/experiments/${id}/start`, {})).status).toBe(202);
    const commits = await api.store.load({ tenant, aggregate: 'experiment', id });
    expect(commits.at(-1)?.events).toMatchObject([
      { type: 'ExperimentStarted', data: { baseline: { yaml, version: 1 } } },
    ]);
    await post(`/experiments/${id}/stop`, {});
  });

  it.each<[string, () => Promise<object>, RegExp]>([
    [
      'connectors',
      async () => ({
        baseline: await version({
          yaml: `${own(hostmetrics, '"web"', 'connectors: {forward: {}}\n')}    metrics/out: {receivers: [forward], exporters: [otlphttp]}\n`.replace(
            'exporters: [otlphttp]}\n    metrics/out',
            'exporters: [forward]}\n    metrics/out',
          ),
        }),
      }),
      /^baseline\.service\.pipelines\.metrics line 10: .*connector forward/,
    ],
    [
      'the same listener twice',
      async () => {
        const both = await version({ yaml: own(otlp) });
        return { baseline: both, candidate: both };
      },
      /^candidate\.receivers\.otlp\.protocols\.grpc line 2: otlp listens on port 4317/,
    ],
    [
      'scrapes that are too far apart',
      async () => ({ baseline: await version({ yaml: own(hostmetrics.replace('10s', '5m')) }) }),
      /^baseline\.receivers\.hostmetrics line 2: hostmetrics scrapes every 300 s/,
    ],
  ])('refuses %s in a draft, by path and line', async (_what, variants, problem) => {
    const { body, status } = await draft(await variants());
    expect([status, body['code']]).toEqual([422, 'pipeline-not-runnable']);
    const [first] = body['errors'] as { readonly field: string; readonly problems: readonly string[] }[];
    expect(`${first?.field} ${first?.problems[0]}`).toMatch(problem);
  });

  it('warns that processes cannot be guarded where the baseline is pushed to', async () => {
    const baseline = await version({ spec: pushed });
    const guardrails = [{ kpi: 'processCoverage', margin: 0.05 }];
    const drafted = await draft({ baseline, candidate: baseline, guardrails });
    expect(drafted.status).toBe(202);
    expect(drafted.body['findings']).toMatchObject([
      { rule: 'no-processes-to-guard', severity: 'warning', path: 'guardrails.0' },
    ]);
    const modest = await draft({ baseline, candidate: baseline });
    expect([modest.status, modest.body['findings']]).toEqual([202, undefined]);
  });

  it('takes a large one, and refuses two that no order could carry', async () => {
    const large = (comment: string) => `# ${comment.repeat(250_000)}\n${own(hostmetrics)}`;
    const [one, other] = [await version({ yaml: large('x') }), await version({ yaml: large('y') })];
    const drafted = await draft({ baseline: one, targets: { hosts: ['h3'] } });
    expect(drafted.status).toBe(202);
    const id = drafted.body['id'] as AggregateId;
    expect((await post(`/experiments/${id}/start`, {})).status).toBe(202);
    await post(`/experiments/${id}/stop`, {});
    const { body, status } = await draft({ baseline: one, candidate: other });
    expect([status, body['code']]).toEqual([413, 'content-too-large']);
    const preflight = await post('/fleet/hosts/h1/tasks', { kind: 'Preflight', baseline: one });
    expect([preflight.status, preflight.body['code']]).toEqual([413, 'task-too-large']);
  });

  it('counts what is frozen and what each host gets, and not what variables stand for', async () => {
    const filled = (count: number, value: string) =>
      own(hostmetrics, '"web"').replace(
        'attributes: [',
        `attributes: [${`{key: x, value: '${value}', action: upsert}, `.repeat(count)}`,
      );
    // As text 240 KB each, and a tenth of that once an example stands for the variables.
    const wordy = filled(500, `{{ .host.labels.role | default "${'x'.repeat(400)}" }}`);
    const [one, other] = [await version({ yaml: wordy }), await version({ yaml: `# other\n${wordy}` })];
    const pair = await draft({ baseline: one, candidate: other, targets: { hosts: ['h4'] } });
    expect([pair.status, pair.body['code']]).toEqual([413, 'content-too-large']);
    const growing = await version({ yaml: filled(500, '{{ .host.labels.role }}') });
    const drafted = await draft({ baseline: growing, targets: { hosts: ['h4'] } });
    expect(drafted.status).toBe(202);
    const started = await post(`/experiments/${drafted.body['id'] as string}/start`, {});
    expect([started.status, started.body['code']]).toEqual([422, 'pipeline-not-runnable']);
    expect(started.body['detail']).toMatch(/^Host h4: .* more than 400 KiB as JSON/);
  });

  it('refuses to start where a host lacks a label, and names the host', async () => {
    const yaml = own(hostmetrics, '"{{ .host.labels.tier | upper }}"');
    const targets = { hosts: ['h1', 'h2'] };
    const drafted = await draft({ baseline: await version({ yaml }), targets });
    expect(drafted.status).toBe(202);
    const started = await post(`/experiments/${drafted.body['id'] as string}/start`, {});
    expect([started.status, started.body['code']]).toEqual([422, 'pipeline-not-runnable']);
    expect(started.body['detail']).toMatch(/^Host h1: The host has no label tier.; Host h2: /);
    const preflight = await post('/fleet/hosts/h2/tasks', {
      kind: 'Preflight',
      baseline: await version({ yaml }),
    });
    expect([preflight.status, preflight.body['code']]).toEqual([422, 'pipeline-not-runnable']);
  });

  it('starts where every host has the label, and brings each its own text', async () => {
    const yaml = own(hostmetrics, '"{{ .host.labels.role | upper }}"');
    const baseline = await version({ yaml });
    const drafted = await draft({ baseline, targets: { hosts: ['h2'] } });
    expect((await post(`/experiments/${drafted.body['id'] as string}/start`, {})).status).toBe(202);
    const rendered = await post('/pipelines/render', { yaml, host: { id: 'h2', labels: { role: 'db' } } });
    expect(rendered.body['yaml']).toBe(own(hostmetrics, '"DB"'));
    await post(`/experiments/${drafted.body['id'] as string}/stop`, {});
  });

  it.each([
    ['an unknown function', '"{{ .host.id | shout }}"', 'unknown-function'],
    ['an unknown variable', '"{{ .host.ip }}"', 'unknown-variable'],
    ['a value without quotes', '{{ .host.id }}', 'variable-syntax'],
    ['a value that would choose a secret', '"${env:{{ .host.id }}}"', 'variable-in-reference'],
  ])('finds %s by its line before it is stored', async (_what, role, rule) => {
    const yaml = own(hostmetrics, role);
    const { body } = await post('/pipelines/validate', { yaml });
    expect(body).toMatchObject({ valid: false, findings: [{ rule, line: 4 }] });
    const stored = await post('/pipelines', { name: 'P', yaml });
    expect([stored.status, stored.body['code']]).toEqual([400, 'invalid-configuration']);
  });

  it('says of a configuration whether it could be a baseline', async () => {
    const yaml = own(hostmetrics.replace('10s', '5m'));
    expect((await post('/pipelines/validate', { yaml })).body).toMatchObject({ valid: true });
    expect((await post('/pipelines/validate', { yaml, as: 'baseline' })).body).toMatchObject({
      valid: false,
      findings: [{ rule: 'interval-too-long', line: 2 }, { rule: 'host-must-permit' }],
    });
  });

  it('judges a configuration by what its variables come to', async () => {
    const yaml = own(hostmetrics.replace('10s', `'{{ .host.labels.every | default "10s" }}'`));
    expect((await post('/pipelines/validate', { yaml, as: 'baseline' })).body).toMatchObject({
      valid: true,
      findings: [{ rule: 'host-must-permit' }],
    });
  });

  it('plays no preview of what is another on each host', async () => {
    const preview = await post('/pipelines/preview', {
      baseline: await version({ yaml: own(hostmetrics) }),
      candidate: template,
    });
    expect([preview.status, preview.body['code']]).toEqual([422, 'pipeline-not-runnable']);
  });
});
