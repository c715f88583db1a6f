import { experimentView, hostView, projectionCheckpoint } from '#lib/database';
import type { AggregateId, Position } from '#lib/events';
import { confirm } from '../testing/confirm.js';
import { experimentRow, hostRow } from '../testing/rows.js';
import { startCommandApi, tenant, type RequestOptions, type RunningApi } from '../testing/running-api.js';

const draft = {
  name: 'Top 20',
  candidate: { kind: 'template', template: 'topk', parameters: { k: 20 } },
  targets: { hosts: ['h1'] },
};
const path = '/api/v1/experiments';

describe('experiments over HTTP', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startCommandApi();
  });
  afterAll(() => api.stop());

  const post = (to: string, body: unknown = {}, options: RequestOptions = {}) =>
    api.call('POST', to, { body, ...options });
  const drafted = async (): Promise<string> => (await post(path, draft)).body['id'] as string;
  const send = (id: string, type: 'BeginWarmup' | 'BeginMeasurement' | 'ConfirmStop') =>
    confirm(api.app, id as AggregateId, type);
  const end = async (id: string): Promise<void> => {
    await post(`${path}/${id}/stop`);
    await send(id, 'ConfirmStop');
  };
  const eventsOf = async (id: string) => {
    const commits = await api.store.load({ tenant, aggregate: 'experiment', id: id as AggregateId });
    return commits.flatMap(({ events }) => events.map(({ type }) => type));
  };

  describe('given a draft', () => {
    it('answers 202 with id, position and a strong ETag, and stores one event with its defaults filled in', async () => {
      const answer = await post(path, draft);
      expect(answer.status).toBe(202);
      const { id, position } = answer.body as { id: string; position: string };
      expect(answer.headers.get('etag')).toBe(`"${position}"`);
      const [commit] = await api.store.load({ tenant, aggregate: 'experiment', id: id as AggregateId });
      expect(commit).toMatchObject({
        actor: { kind: 'user', id: 'the-operator' },
        events: [
          {
            type: 'ExperimentDrafted',
            data: {
              spec: { baseline: { template: 'baseline' }, tariff: 'grafana-cloud-pro', confidence: 0.95 },
            },
          },
        ],
      });
    });

    it('answers a repeated Idempotency-Key as the first time, and the key of another tenant as its own', async () => {
      const headers = { 'idempotency-key': 'c7' };
      const [first, again] = [await post(path, draft, { headers }), await post(path, draft, { headers })];
      expect(again.body).toEqual(first.body);
      expect(await eventsOf(first.body['id'] as string)).toEqual(['ExperimentDrafted']);
      const elsewhere = await post(path, draft, { headers, tenant: 'other' });
      expect(elsewhere.body['id']).not.toBe(first.body['id']);
    });

    it('revises exactly the version that the caller saw', async () => {
      const id = await drafted();
      const seen = (await api.call('PATCH', `${path}/${id}`, { body: { name: 'Top 30' } })).headers.get(
        'etag',
      )!;
      const second = await api.call('PATCH', `${path}/${id}`, {
        body: { confidence: 0.9 },
        headers: { 'if-match': seen },
      });
      expect(second.status).toBe(202);
      const stale = await api.call('PATCH', `${path}/${id}`, {
        body: { name: 'x' },
        headers: { 'if-match': seen },
      });
      expect([stale.status, stale.body['code']]).toEqual([412, 'if-match-failed']);
      const commits = await api.store.load({ tenant, aggregate: 'experiment', id: id as AggregateId });
      expect(commits.at(-1)?.events[0]?.data).toMatchObject({ spec: { name: 'Top 30', confidence: 0.9 } });
    });

    it('starts on the hosts that the targets mean, with the pipelines frozen, and answers a repetition the same', async () => {
      await api.given(hostView, [hostRow('h1')]);
      const id = await drafted();
      const headers = { 'idempotency-key': `start-${id}` };
      const started = await post(`${path}/${id}/start`, {}, { headers });
      expect(started.status).toBe(202);
      const commits = await api.store.load({ tenant, aggregate: 'experiment', id: id as AggregateId });
      expect(commits.at(-1)?.events).toMatchObject([
        {
          type: 'ExperimentStarted',
          data: { hosts: ['h1'], candidate: { template: 'topk', parameters: { k: 20 } } },
        },
      ]);
      await api.given(hostView, [hostRow('h1', { status: 'revoked' })]);
      expect((await post(`${path}/${id}/start`, {}, { headers })).body).toEqual(started.body);
      await end(id);
    });

    it('runs a pipeline of the catalogue in the version that was named', async () => {
      await api.given(hostView, [hostRow('h1')]);
      const created = await post('/api/v1/pipelines', {
        name: 'Ten',
        template: 'topk',
        parameters: { k: 10 },
      });
      expect(created.status).toBe(202);
      const candidate = { kind: 'pipeline', pipelineId: created.body['id'], version: 1 };
      const { body } = await post(path, { ...draft, candidate });
      await post(`${path}/${String(body['id'])}/start`);
      const commits = await api.store.load({
        tenant,
        aggregate: 'experiment',
        id: body['id'] as AggregateId,
      });
      expect(commits.at(-1)?.events[0]?.data).toMatchObject({
        candidate: { template: 'topk', parameters: { k: 10 }, pipelineId: created.body['id'], version: 1 },
      });
      await end(body['id'] as string);
    });
  });

  describe('given bad input', () => {
    const badDrafts: readonly (readonly [string, unknown, RequestOptions, number, string])[] = [
      ['an unknown field', { ...draft, colour: 'red' }, {}, 400, 'validation-failed'],
      [
        'an unknown nested field',
        { ...draft, targets: { hosts: ['h1'], colour: 'red' } },
        {},
        400,
        'validation-failed',
      ],
      [
        'a field of another kind of reference',
        { ...draft, candidate: { ...draft.candidate, version: 1 } },
        {},
        400,
        'validation-failed',
      ],
      ['a wrong type', { ...draft, confidence: 'high' }, {}, 400, 'validation-failed'],
      ['an id that is none', { ...draft, targets: { hosts: ['evt.*.>'] } }, {}, 400, 'validation-failed'],
      ['no targets', { ...draft, targets: {} }, {}, 400, 'validation-failed'],
      ['a body that is no object', [draft], {}, 400, 'validation-failed'],
      ['a body that is no JSON', '{"name":', {}, 400, 'bad-request'],
      ['a body of two mebibytes', { ...draft, name: 'x'.repeat(2 * 1024 * 1024) }, {}, 413, 'body-too-large'],
      ['a prototype in disguise', '{"__proto__":{"role":"admin"},"name":"x"}', {}, 400, 'bad-request'],
      [
        'an unknown template',
        { ...draft, candidate: { kind: 'template', template: 'magic', parameters: {} } },
        {},
        400,
        'invalid-parameters',
      ],
      [
        'an unknown template parameter',
        { ...draft, candidate: { ...draft.candidate, parameters: { kk: 1 } } },
        {},
        400,
        'invalid-parameters',
      ],
      [
        'a pipeline that is not there',
        { ...draft, candidate: { kind: 'pipeline', pipelineId: 'none', version: 1 } },
        {},
        422,
        'unknown-pipeline-version',
      ],
      ['an unknown tariff', { ...draft, tariff: 'free' }, {}, 422, 'unknown-tariff'],
      [
        'a contradictory schedule',
        {
          ...draft,
          schedule: { warmupSeconds: 0, minimumSeconds: 90, maximumSeconds: 60, deploySeconds: 60 },
        },
        {},
        400,
        'invalid-schedule',
      ],
      ['no token', draft, { as: 'none' }, 401, 'unauthenticated'],
      [
        'a token that is none',
        draft,
        { as: 'none', headers: { authorization: 'Bearer a.b.c' } },
        401,
        'unauthenticated',
      ],
      ['a viewer', draft, { as: 'viewer' }, 403, 'forbidden'],
      [
        'an Idempotency-Key with a space',
        draft,
        { headers: { 'idempotency-key': 'a b' } },
        400,
        'invalid-idempotency-key',
      ],
      ['an If-Match that is no ETag', draft, { headers: { 'if-match': '41' } }, 400, 'invalid-if-match'],
    ];

    it.each(badDrafts)('refuses %s without storing an event', async (_, body, options, status, code) => {
      const before = await api.store.head();
      const answer = await post(path, body, options);
      expect([answer.status, answer.body['code']]).toEqual([status, code]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(await api.store.head()).toBe(before);
    });

    it('names each wrong parameter with its path and its fix', async () => {
      const { body } = await post(path, {
        ...draft,
        candidate: { ...draft.candidate, parameters: { kk: 1, k: 0 } },
      });
      expect(body['errors']).toEqual([
        {
          field: 'candidate.parameters.kk',
          problems: [expect.stringContaining('kk'), expect.stringContaining('Use one of')],
        },
        {
          field: 'candidate.parameters.k',
          problems: [expect.stringContaining('k is outside'), expect.stringContaining('1 to 500')],
        },
      ]);
    });

    it('refuses a start on hosts that are unknown or busy, and moves that the state machine does not have', async () => {
      const stranger = (await post(path, { ...draft, targets: { hosts: ['stranger'] } })).body[
        'id'
      ] as string;
      const unlabelled = (await post(path, { ...draft, targets: { labels: { role: 'db' } } })).body[
        'id'
      ] as string;
      const busy = await drafted();
      await api.given(hostView, [hostRow('h1')]);
      const holder = await drafted();
      expect((await post(`${path}/${holder}/start`)).status).toBe(202);
      const before = await api.store.head();
      const codeOf = async (to: string) => (await post(to)).body['code'];
      expect(await codeOf(`${path}/${stranger}/start`)).toBe('unknown-hosts');
      expect(await codeOf(`${path}/${unlabelled}/start`)).toBe('no-target-hosts');
      expect(await codeOf(`${path}/${busy}/start`)).toBe('hosts-busy');
      expect(await codeOf(`${path}/${busy}/resume`)).toBe('experiment-not-started');
      expect(await codeOf(`${path}/${busy}/promote`)).toBe('experiment-not-started');
      expect(await codeOf(`${path}/nothing/stop`)).toBe('experiment-not-found');
      expect(await codeOf(`${path}/${busy}/conclude`)).toBe('experiment-not-running');
      expect(await api.store.head()).toBe(before);
      await end(holder);
    });
  });

  describe('given a running experiment that is to be concluded now', () => {
    const running = async (): Promise<string> => {
      await api.given(hostView, [hostRow('h5')]);
      const { body } = await post(path, { ...draft, targets: { hosts: ['h5'] } });
      const id = body['id'] as AggregateId;
      await post(`${path}/${id}/start`);
      await send(id, 'BeginWarmup');
      await send(id, 'BeginMeasurement');
      return id;
    };

    it('rings the analyzer and tells when it does not answer, storing nothing itself', async () => {
      const id = await running();
      const before = await api.store.head();
      const unheard = await post(`${path}/${id}/conclude`);
      expect([unheard.status, unheard.body['code']]).toEqual([503, 'analyzer-unreachable']);

      const listening = new AbortController();
      const asked: unknown[] = [];
      const analyzer = (async () => {
        for await (const { data, reply } of api.nats.subscribe('bell.conclude', {
          signal: listening.signal,
        })) {
          asked.push(JSON.parse(new TextDecoder().decode(data)));
          api.nats.send(reply!, new TextEncoder().encode('{"status":"noted"}'));
        }
      })();
      await api.nats.flush();
      const heard = await post(`${path}/${id}/conclude`);
      listening.abort();
      await analyzer;
      expect([heard.status, heard.body['id'], asked]).toEqual([202, id, [{ tenant, experiment: id }]]);
      expect(await api.store.head()).toBe(before);
      await post(`${path}/${id}/stop`, { reason: 'done' });
    });
  });

  describe('given the views', () => {
    it('answers one experiment with its deprecated status, and lists in pages without losing one', async () => {
      await api.given(
        experimentView,
        Array.from({ length: 7 }, (_, n) => experimentRow(`paged-${n}`, { phase: 'stopped' })),
      );
      const one = await api.call('GET', `${path}/paged-3`, { as: 'viewer' });
      expect(one.body).toMatchObject({ id: 'paged-3', phase: 'stopped', status: 'stopped', position: '1' });
      expect(one.headers.get('etag')).toBe('"1"');
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const { body } = await api.call('GET', `${path}?phase=stopped&sort=name&limit=3${query}`);
        seen.push(...(body['items'] as { id: string }[]).map(({ id }) => id));
        cursor = body['next'] as string | null;
      }
      expect(seen).toEqual(Array.from({ length: 7 }, (_, n) => `paged-${n}`));
    });

    it('filters by name, host, label and template', async () => {
      const { spec } = experimentRow('x');
      await api.given(experimentView, [
        experimentRow('found', {
          name: 'Needle, in a = stack',
          phase: 'failed',
          hosts: [hostRow('h7').id],
          spec: { ...spec, targets: { labels: { role: 'a=b', zone: 'eu' } } },
        }),
      ]);
      const idsOf = async (query: string) => {
        const { status, body } = await api.call('GET', `${path}?${query}`, { as: 'viewer' });
        expect(status).toBe(200);
        return (body['items'] as { id: string }[]).map(({ id }) => id);
      };
      for (const query of ['name=needle,%20IN', 'host=h7', 'label=role=a=b', 'label=role=a=b&label=zone=eu'])
        expect(await idsOf(query)).toEqual(['found']);
      expect(await idsOf('template=topk&phase=failed')).toEqual(['found']);
      expect(await idsOf('host=h7&label=zone=us')).toEqual([]);
      expect(await idsOf('host=h7&template=hybrid')).toEqual([]);
    });

    it('takes only the cursors that it gave for this very list, tenant and order', async () => {
      const first = await api.call('GET', `${path}?phase=stopped&sort=name&limit=3`);
      const next = first.body['next'] as string;
      expect(next).toMatch(/^[\w.-]+$/);
      const [payload = '', seal = ''] = next.split('.');
      const forged = Buffer.from(payload, 'base64url').toString().replace('paged-2', 'paged-5');
      const queries = [
        `phase=stopped&sort=-name&cursor=${next}`,
        `phase=stopped&sort=createdAt&cursor=${next}`,
        `phase=stopped&cursor=${next}`,
        `sort=name&cursor=${next}`,
        `phase=stopped&sort=name&cursor=${Buffer.from(forged).toString('base64url')}.${seal}`,
        `phase=stopped&sort=name&cursor=${payload}`,
        `phase=stopped&sort=name&cursor=${next}.x`,
        `phase=stopped&sort=name&cursor=${next.slice(0, -1)}`,
        'phase=stopped&sort=name&cursor=',
      ];
      for (const query of queries) {
        const { status, body, headers } = await api.call('GET', `${path}?${query}`);
        expect([query, status, body['code']]).toEqual([query, 400, 'invalid-cursor']);
        expect(headers.get('content-type')).toContain('application/problem+json');
      }
      const same = `${path}?phase=stopped&sort=name&cursor=${next}`;
      expect((await api.call('GET', same, { tenant: 'other' })).body['code']).toBe('invalid-cursor');
      expect((await api.call('GET', same)).status).toBe(200);
    });

    it('turns pages behind the longest name there can be', async () => {
      const name = '🐦'.repeat(60);
      await api.given(experimentView, [
        experimentRow('long-1', { name, phase: 'rolled_back' }),
        experimentRow('long-2', { name, phase: 'rolled_back' }),
      ]);
      const query = `${path}?phase=rolled_back&sort=name&limit=1`;
      const { body } = await api.call('GET', query);
      const second = await api.call('GET', `${query}&cursor=${body['next'] as string}`);
      expect((second.body['items'] as { id: string }[]).map(({ id }) => id)).toEqual(['long-2']);
      expect(second.body['next']).toBeNull();
    });

    it('keeps the tenants apart', async () => {
      expect((await api.call('GET', `${path}/paged-3`, { tenant: 'other' })).status).toBe(404);
      expect((await api.call('GET', path, { tenant: 'other' })).body).toEqual({ items: [], next: null });
    });

    it('waits for a position and says so when the view does not get there', async () => {
      const row = {
        projection: 'experiments',
        epoch: 1,
        owner: null,
        leaseUntil: null,
        updatedAt: '2026-01-01T00:00:00.000Z',
      };
      await api.given(projectionCheckpoint, [{ ...row, position: 5 as Position }]);
      expect((await api.call('GET', `${path}?atLeast=5`)).status).toBe(200);
      const waiting = api.call('GET', `${path}?atLeast=9`);
      await api.given(projectionCheckpoint, [{ ...row, position: 9 as Position }]);
      expect((await waiting).status).toBe(200);
      const behind = await api.call('GET', `${path}?atLeast=10`);
      expect([behind.status, behind.body['code'], behind.headers.get('retry-after')]).toEqual([
        503,
        'projection-behind',
        '1',
      ]);
    });

    it.each([
      '?limit=0',
      '?limit=many',
      '?sort=colour',
      '?phase=happy',
      '?colour=red',
      '?atLeast=soon',
      '?cursor=xyz',
      '?name=',
      '?name=%00',
      '?host=no.host',
      '?label=web',
      '?label=a%00=b',
      '?template=a%20b',
    ])('refuses the query %s', async (query) => {
      expect((await api.call('GET', path + query)).status).toBe(400);
    });
  });
});
