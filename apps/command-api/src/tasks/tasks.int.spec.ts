import { hostView, task, taskStage, uplinkPosition, type TaskRow } from '#lib/database';
import type { OneShotTask } from '#lib/agent-protocol';
import { subjects, taskMessageSchema, type AggregateId, type HostId } from '#lib/events';
import { rawSpec, renderPipeline, specOf } from '#lib/pipelines';
import { lastMessage } from '#lib/platform';
import { eventually } from '#lib/platform-testing';
import { FeedClient } from '../feeds/testing/feed-client.js';
import { hostRow } from '../testing/rows.js';
import { startCommandApi, tenant, type RunningApi } from '../testing/running-api.js';

const AT = '2026-01-01T00:00:00.000Z';
const host = 'h1' as HostId;
const body = { kind: 'CollectLogs', variant: 'baseline', lines: 20 };

type Refused = readonly [what: string, path: string, sent: object, status: number, code: string];
const TASKS = '/fleet/hosts/h1/tasks';
const topk = { kind: 'template', template: 'topk', parameters: { k: 5 } };
const preflight = { kind: 'Preflight', candidate: topk };
const simulate = { kind: 'Simulate', profile: 'spike', seconds: 60 };
const refusedPreflights: readonly (readonly [string, object, number, string])[] = [
  ['a preflight of nothing', { kind: 'Preflight' }, 400, 'validation-failed'],
  ['a preflight of 301 s', { ...preflight, seconds: 301 }, 400, 'validation-failed'],
  ['a preflight of 9 s', { ...preflight, seconds: 9 }, 400, 'validation-failed'],
  ['a preflight of a variant', { ...preflight, variant: 'baseline' }, 400, 'validation-failed'],
  ['a preflight with a profile', { ...preflight, profile: 'spike' }, 400, 'validation-failed'],
  [
    'a preflight that is over before it is done',
    { ...preflight, deadlineSeconds: 30, seconds: 30 },
    400,
    'validation-failed',
  ],
  ['no reference', { kind: 'Preflight', candidate: 'topk' }, 400, 'validation-failed'],
  [
    'a reference of two kinds',
    { kind: 'Preflight', candidate: { ...topk, version: 1 } },
    400,
    'validation-failed',
  ],
  [
    'no such template',
    { kind: 'Preflight', candidate: { ...topk, template: 'magic' } },
    400,
    'invalid-parameters',
  ],
  [
    'a wrong parameter',
    { kind: 'Preflight', baseline: { ...topk, parameters: { k: 0 } } },
    400,
    'invalid-parameters',
  ],
  [
    'a critical process that is no name',
    { ...preflight, criticalProcesses: ['a/b\n'] },
    400,
    'invalid-parameters',
  ],
  [
    'no such version',
    { kind: 'Preflight', candidate: { kind: 'pipeline', pipelineId: 'p1', version: 1 } },
    422,
    'unknown-pipeline-version',
  ],
];
const refusedSimulations: readonly (readonly [string, object])[] = [
  ['a simulation without a profile', { kind: 'Simulate', seconds: 60 }],
  ['a simulation without an end', { kind: 'Simulate', profile: 'steady' }],
  ['a simulation of no profile', { ...simulate, profile: 'wild' }],
  ['a simulation of 201 processes', { ...simulate, processes: 201 }],
  ['a simulation of no process', { ...simulate, processes: 0 }],
  ['a simulation of 3601 s', { ...simulate, seconds: 3601 }],
  ['a simulation of a pipeline', { ...simulate, candidate: topk }],
  ['a simulation that is over before it is done', { ...simulate, deadlineSeconds: 60 }],
];

const refusedCaptures: readonly (readonly [string, object, string])[] = [
  ['a recording of 9 s', { kind: 'RecordMetrics', seconds: 9 }, 'validation-failed'],
  ['a recording of 301 s', { kind: 'RecordMetrics', seconds: 301 }, 'validation-failed'],
  ['a recording of a candidate', { kind: 'RecordMetrics', candidate: topk }, 'validation-failed'],
  ['a recording of a variant', { kind: 'RecordMetrics', variant: 'baseline' }, 'validation-failed'],
  [
    'a recording of no template',
    { kind: 'RecordMetrics', baseline: { ...topk, template: 'magic' } },
    'invalid-parameters',
  ],
];

describe('one-shot tasks over HTTP', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startCommandApi();
    await api.given(hostView, [
      hostRow('h1'),
      hostRow('h2', { labels: { role: 'web' } }),
      hostRow('gone', { status: 'revoked' }),
    ]);
  });
  afterAll(() => api.stop());

  const post = (path: string, options: Parameters<RunningApi['call']>[2] = {}) =>
    api.call('POST', `/api/v1${path}`, options);
  const ask = (key: string) => post('/fleet/hosts/h1/tasks', { body, headers: { 'idempotency-key': key } });
  const newest = async (of = host) => {
    const message = await lastMessage(api.nats, 'TASKS', subjects.task(tenant, of));
    const parsed = taskMessageSchema.parse(JSON.parse(new TextDecoder().decode(message?.data)));
    return { ...parsed, sequence: message?.sequence };
  };
  /** What the gateway writes when it has taken a request. */
  const taken = async (id: string, sequence: number, row: Partial<TaskRow> = {}): Promise<void> => {
    await api.given(task, [
      {
        ...{ tenant, id: id as AggregateId, host, kind: 'CollectLogs', phase: 'requested', cancel: 'none' },
        body: { kind: 'CollectLogs', taskId: id, deadline: AT, variant: 'baseline', lines: 20 },
        ...{ detail: null, requestedAt: AT, requestedBy: { kind: 'user', id: 'u1' }, deadline: AT },
        ...{ endedAt: null, sequence, ...row },
      },
    ]);
    const stage = row.phase ?? 'requested';
    const entry = { tenant, taskId: id as AggregateId, stage, at: AT, detail: row.detail ?? null };
    await api.db.getRepository(taskStage).insert(entry);
    await api.given(uplinkPosition, [{ reader: 'tasks', sequence, updatedAt: AT }]);
  };

  it('stores a request once, however often it is repeated', async () => {
    const first = await ask('k1');
    expect(first.status).toBe(202);
    const stored = await newest();
    expect(stored).toMatchObject({
      op: 'request',
      by: { kind: 'user', id: 'the-operator' },
      task: { kind: 'CollectLogs', taskId: first.body['id'], variant: 'baseline', lines: 20 },
    });
    expect(first.body['position']).toBe(String(stored.sequence));
    expect((await ask('k1')).body).toEqual(first.body);
    expect((await newest()).sequence).toBe(stored.sequence);
    // Long after the stream has forgotten the id, the table knows it.
    await taken(first.body['id'] as string, Number(first.body['position']));
    expect((await ask('k1')).body).toEqual(first.body);
    expect((await newest()).sequence).toBe(stored.sequence);
  });

  it('waits with an answer until the gateway has taken the request', async () => {
    const { id, position } = (await ask('k2')).body as { id: string; position: string };
    const early = api.call('GET', `/api/v1/tasks/${id}?atLeast=${position}`);
    await taken(id, Number(position));
    expect((await early).body).toMatchObject({
      ...{ id, host: 'h1', phase: 'requested', cancel: 'none', requestedBy: 'u1', position },
      request: { variant: 'baseline', lines: 20 },
      stages: [{ stage: 'requested', at: AT, detail: null }],
    });
    const behind = await api.call('GET', `/api/v1/tasks?atLeast=${Number(position) + 1}`);
    expect([behind.status, behind.body['code']]).toEqual([503, 'projection-behind']);
  });

  it('asks for a task back, once, and not when it is over', async () => {
    await taken('open', 50, { phase: 'accepted' });
    const cancelled = await post('/tasks/open/cancel', { body: { reason: 'wrong host' } });
    expect(cancelled.status).toBe(202);
    expect(await newest()).toMatchObject({ op: 'cancel', taskId: 'open', reason: 'wrong host' });
    await taken('ended', 51, { phase: 'done' });
    const late = await post('/tasks/ended/cancel', { body: {} });
    expect([late.status, late.body['code']]).toEqual([409, 'task-over']);
  });

  it.each<Refused>([
    ['a kind that is none', '/fleet/hosts/h1/tasks', { ...body, kind: 'Dance' }, 400, 'validation-failed'],
    ['an unknown field', '/fleet/hosts/h1/tasks', { ...body, force: true }, 400, 'validation-failed'],
    ['too many lines', '/fleet/hosts/h1/tasks', { ...body, lines: 501 }, 400, 'validation-failed'],
    [
      'a log task without a variant',
      '/fleet/hosts/h1/tasks',
      { kind: 'CollectLogs' },
      400,
      'validation-failed',
    ],
    ...refusedPreflights.map(([what, ...rest]): Refused => [what, TASKS, ...rest]),
    ...refusedCaptures.map(([what, sent, code]): Refused => [what, TASKS, sent, 400, code]),
    ...refusedSimulations.map(([what, sent]): Refused => [what, TASKS, sent, 400, 'validation-failed']),
    ['no time at all', '/fleet/hosts/h1/tasks', { ...body, deadlineSeconds: 0 }, 400, 'validation-failed'],
    ['an unknown host', '/fleet/hosts/none/tasks', body, 404, 'host-not-found'],
    ['a revoked host', '/fleet/hosts/gone/tasks', body, 409, 'host-revoked'],
    ['an unknown task', '/tasks/none/cancel', {}, 404, 'task-not-found'],
  ])('refuses %s and stores nothing', async (_case, path, sent, status, code) => {
    const before = await newest();
    const answer = await post(path, { body: sent });
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(await newest()).toEqual(before);
  });

  it('brings the pipelines of a preflight as an experiment would, and shows them by their templates', async () => {
    const sent = { ...preflight, baseline: { kind: 'template', template: 'baseline', parameters: {} } };
    const asked = Date.now();
    const { body: accepted, status } = await post(TASKS, { body: { ...sent, criticalProcesses: ['nginx'] } });
    expect(status).toBe(202);
    const { id, position } = accepted as { id: string; position: string };
    const stored = await newest();
    const expected = (['baseline', 'topk'] as const).map((template) =>
      renderPipeline({
        template,
        parameters: template === 'topk' ? { k: 5 } : {},
        host: { id: 'h1', labels: hostRow('h1').labels },
        criticalProcesses: ['nginx'],
      }),
    );
    expect(stored).toMatchObject({
      op: 'request',
      task: {
        ...{ kind: 'Preflight', taskId: id, seconds: 30, criticalProcesses: ['nginx'] },
        collectors: [
          { variant: 'baseline', configHash: expected[0]!.hash, rendered: expected[0] },
          { variant: 'candidate', configHash: expected[1]!.hash, rendered: expected[1] },
        ],
      },
    });
    const { task } = stored as { task: Extract<OneShotTask, { kind: 'Preflight' }> };
    const seconds = (Date.parse(task.deadline) - asked) / 1000;
    expect(seconds).toBeGreaterThanOrEqual(330);
    expect(seconds).toBeLessThan(400);
    await taken(id, Number(position), { kind: 'Preflight', body: task });
    const seen = await api.call('GET', `/api/v1/tasks/${id}`);
    expect(seen.body['request']).toEqual({
      ...{ seconds: 30, criticalProcesses: ['nginx'] },
      collectors: [
        { variant: 'baseline', configHash: expected[0]!.hash, template: 'baseline' },
        { variant: 'candidate', configHash: expected[1]!.hash, template: 'topk' },
      ],
    });
  });

  it('records what the source of a pipeline scrapes, without what the pipeline makes of it', async () => {
    const { body: accepted, status } = await post(TASKS, { body: { kind: 'RecordMetrics' } });
    expect(status).toBe(202);
    const { task: asked } = (await newest()) as { task: Extract<OneShotTask, { kind: 'RecordMetrics' }> };
    expect(asked).toMatchObject({ taskId: accepted['id'], seconds: 60 });
    const raw = renderPipeline({
      spec: rawSpec(specOf({ template: 'baseline', parameters: {} })),
      host: { id: 'h1', labels: {} },
      criticalProcesses: [],
    });
    expect(asked.collector).toEqual({ configHash: raw.hash, rendered: raw });
    await post(TASKS, { body: { kind: 'RecordMetrics', seconds: 20, baseline: topk } });
    const { task: other } = (await newest()) as { task: Extract<OneShotTask, { kind: 'RecordMetrics' }> };
    expect(other.collector.configHash).toBe(raw.hash);
    await taken(asked.taskId, 60, { kind: 'RecordMetrics', body: asked });
    const seen = await api.call('GET', `/api/v1/tasks/${asked.taskId}`);
    expect(seen.body['request']).toEqual({
      seconds: 60,
      collector: { configHash: raw.hash, template: 'custom' },
    });
    await api.db.getRepository(task).delete({ id: asked.taskId as AggregateId });
  });

  it('brings a specification of the catalogue to a preflight, and records what one scrapes', async () => {
    const spec = specOf({ template: 'topk', parameters: { k: 3 } });
    const created = await post('/pipelines', { body: { name: 'mine', spec } });
    expect(created.status).toBeLessThan(300);
    const pipelineId = String(created.body['id']);
    const ref = { kind: 'pipeline', pipelineId, version: 1 };
    expect((await post(TASKS, { body: { kind: 'Preflight', candidate: ref } })).status).toBe(202);
    const { task: tried } = (await newest()) as { task: Extract<OneShotTask, { kind: 'Preflight' }> };
    const rendered = renderPipeline({
      ...{ spec, criticalProcesses: [] },
      host: { id: 'h1', labels: hostRow('h1').labels },
    });
    expect(tried.collectors).toEqual([{ variant: 'candidate', configHash: rendered.hash, rendered }]);
    expect((await post(TASKS, { body: { kind: 'RecordMetrics', baseline: ref } })).status).toBe(202);
  });

  it('tries and records a pipeline with what differs from host to host put in', async () => {
    const spec = (target: string) => ({
      source: {
        ...{ kind: 'prometheus', intervalSeconds: 10, targets: [target], scheme: 'http' },
        ...{ path: '/metrics', sampleLimit: 1000 },
      },
      processors: [{ kind: 'memoryLimiter', limitMebibytes: 200 }, { kind: 'identifyHost' }],
      destination: { ref: 'default' },
    });
    const ref = async (target: string) => {
      const { body: created } = await post('/pipelines', { body: { name: 'own', spec: spec(target) } });
      return { kind: 'pipeline', pipelineId: String(created['id']), version: 1 };
    };
    const ask = async (kind: string, target: string) =>
      post('/fleet/hosts/h2/tasks', { body: { kind, baseline: await ref(target) } });
    const asked = async (kind: string, target: string) => {
      expect((await ask(kind, target)).status).toBe(202);
      const { task } = (await newest('h2' as HostId)) as {
        task: Extract<OneShotTask, { kind: 'Preflight' | 'RecordMetrics' }>;
      };
      return task.kind === 'Preflight' ? task.collectors[0] : { variant: 'baseline', ...task.collector };
    };
    for (const kind of ['Preflight', 'RecordMetrics']) {
      const named = '{{ .host.labels.role | default "other" }}.example.com:9100';
      expect(await asked(kind, named)).toEqual(await asked(kind, 'web.example.com:9100'));
      const lacking = await ask(kind, '{{ .host.labels.tier }}:9100');
      expect([lacking.status, lacking.body['code']]).toEqual([400, 'invalid-parameters']);
      expect(lacking.text).toContain('The host has no label tier.');
    }
  });

  it('takes a simulation with what was left out', async () => {
    const { body: accepted, status } = await post(TASKS, { body: simulate });
    expect(status).toBe(202);
    expect(await newest()).toMatchObject({
      task: { kind: 'Simulate', taskId: accepted['id'], profile: 'spike', seconds: 60, processes: 20 },
    });
  });

  it('lets viewers read and not ask, and shows nothing of another tenant', async () => {
    const viewer = await post('/fleet/hosts/h1/tasks', { body, as: 'viewer' });
    expect(viewer.body['code']).toBe('forbidden');
    expect((await post('/tasks/open/cancel', { body: {}, as: 'viewer' })).body['code']).toBe('forbidden');
    expect((await api.call('GET', '/api/v1/tasks/open', { as: 'viewer' })).status).toBe(200);
    const other = { tenant: 'other' };
    expect((await api.call('GET', '/api/v1/tasks', other)).body['items']).toEqual([]);
    expect((await api.call('GET', '/api/v1/tasks/open', other)).status).toBe(404);
    expect((await post('/tasks/open/cancel', { body: {}, ...other })).status).toBe(404);
    expect((await post('/fleet/hosts/h1/tasks', { body, ...other })).status).toBe(404);
  });

  it('lists tasks newest first, in pages, by host and phase', async () => {
    const ids = (answer: { body: Record<string, unknown> }) =>
      (answer.body['items'] as { id: string }[]).map(({ id }) => id);
    const first = await api.call('GET', '/api/v1/tasks?limit=2');
    expect(ids(first)).toEqual(['ended', 'open']);
    const rest = await api.call('GET', `/api/v1/tasks?limit=200&cursor=${String(first.body['next'])}`);
    expect(ids(rest)).toHaveLength(3);
    expect(rest.body['next']).toBeNull();
    expect(ids(await api.call('GET', '/api/v1/tasks?phase=done,failed'))).toEqual(['ended']);
    expect(ids(await api.call('GET', '/api/v1/tasks?host=h2'))).toEqual([]);
    for (const query of ['cursor=nonsense', 'cursor=W10', 'phase=lost', 'host=A.b'])
      expect((await api.call('GET', `/api/v1/tasks?${query}`)).status).toBe(400);
  });

  it('feeds every change to those who watch', async () => {
    const client = new FeedClient(`${api.url.replace('http', 'ws')}/api/v1/ws`);
    await client.connect();
    client.authenticate(api.token('viewer'));
    const tasks = client.subscribe('tasks');
    await eventually(() => tasks.rows.has('open'), 'the snapshot');
    await taken('open', 50, { phase: 'failed', detail: 'a long log that the feed leaves out' });
    const phase = () => (tasks.rows.get('open') as { phase: string }).phase;
    await eventually(() => phase() === 'failed', 'the change');
    const items = (await api.call('GET', '/api/v1/tasks?limit=200')).body['items'] as { id: string }[];
    expect(Object.fromEntries(tasks.rows)).toEqual(Object.fromEntries(items.map((item) => [item.id, item])));
    await client.cut();
  });
});
