import { experimentView, hostView } from '#lib/database';
import type { AggregateId, EventsOf } from '#lib/events';
import { confirm } from '../testing/confirm.js';
import { experimentRow, hostRow } from '../testing/rows.js';
import { startCommandApi, tenant, type RequestOptions, type RunningApi } from '../testing/running-api.js';
import { verdictUpTo } from '../testing/verdicts.js';

const draft = {
  name: 'Top 20',
  candidate: { kind: 'template', template: 'topk', parameters: { k: 20 } },
  targets: { hosts: ['h1'] },
  criticalProcesses: ['nginx'],
};
const path = '/api/v1/experiments';

describe('the life of an experiment over HTTP', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startCommandApi();
    await api.given(hostView, [hostRow('h1')]);
  });
  afterAll(() => api.stop());

  const post = (to: string, body: unknown = {}, options: RequestOptions = {}) =>
    api.call('POST', to, { body, ...options });
  const drafted = async (): Promise<AggregateId> => (await post(path, draft)).body['id'] as AggregateId;
  const eventsOf = async (id: string): Promise<readonly EventsOf<'experiment'>[]> => {
    const commits = await api.store.load({ tenant, aggregate: 'experiment', id: id as AggregateId });
    return commits.flatMap(({ events }) => events as readonly EventsOf<'experiment'>[]);
  };
  const warming = async (): Promise<AggregateId> => {
    const id = await drafted();
    expect((await post(`${path}/${id}/start`)).status).toBe(202);
    await confirm(api.app, id, 'BeginWarmup');
    return id;
  };

  describe('a clone', () => {
    it('is a draft with the same description that says where it came from', async () => {
      const id = await drafted();
      const answer = await post(`${path}/${id}/clone`);
      expect(answer.status).toBe(202);
      const { id: copy, position } = answer.body as { id: string; position: string };
      expect(copy).not.toBe(id);
      expect(answer.headers.get('etag')).toBe(`"${position}"`);
      const [original] = await eventsOf(id);
      const spec = original?.type === 'ExperimentDrafted' ? original.data.spec : undefined;
      expect(await eventsOf(copy)).toMatchObject([
        { type: 'ExperimentDrafted', data: { clonedFrom: id, spec: { ...spec, name: 'Top 20 (copy)' } } },
      ]);
      const again = await post(`${path}/${copy}/clone`, undefined);
      expect(await eventsOf(again.body['id'] as string)).toMatchObject([
        { data: { clonedFrom: copy, spec: { name: 'Top 20 (copy)' } } },
      ]);
    });

    it('takes what shall differ, and is answered the same for the same key', async () => {
      const id = await drafted();
      const headers = { 'idempotency-key': `clone-${id}` };
      const change = { name: 'Top 50', candidate: { ...draft.candidate, parameters: { k: 50 } } };
      const first = await post(`${path}/${id}/clone`, change, { headers });
      await api.call('DELETE', `${path}/${id}`);
      const again = await post(`${path}/${id}/clone`, { name: 'other' }, { headers });
      expect(again.body).toEqual(first.body);
      const spec = { name: 'Top 50', candidate: { parameters: { k: 50 } }, criticalProcesses: ['nginx'] };
      expect(await eventsOf(first.body['id'] as string)).toMatchObject([{ data: { spec } }]);
    });

    it('can be made of an archived one, and only of what the caller saw', async () => {
      const id = await drafted();
      const seen = (await api.call('DELETE', `${path}/${id}`)).headers.get('etag')!;
      expect((await post(`${path}/${id}/clone`, {}, { headers: { 'if-match': seen } })).status).toBe(202);
      const stale = await post(`${path}/${id}/clone`, {}, { headers: { 'if-match': '"1"' } });
      expect([stale.status, stale.body['code']]).toEqual([412, 'if-match-failed']);
    });

    it.each([
      ['of nothing', 'nothing', {}, {}, 404, 'experiment-not-found'],
      ['with an unknown field', '', { colour: 'red' }, {}, 400, 'validation-failed'],
      [
        'with a wrong parameter',
        '',
        { candidate: { ...draft.candidate, parameters: { kk: 1 } } },
        {},
        400,
        'invalid-parameters',
      ],
      ['by a viewer', '', {}, { as: 'viewer' }, 403, 'forbidden'],
      ['of another tenant', '', {}, { tenant: 'other' }, 404, 'experiment-not-found'],
    ] as const)('is refused %s without an event', async (_, source, body, options, status, code) => {
      const id = source === '' ? await drafted() : source;
      const before = await api.store.head();
      const answer = await post(`${path}/${id}/clone`, body, options);
      expect([answer.status, answer.body['code']]).toEqual([status, code]);
      expect(await api.store.head()).toBe(before);
    });

    it('is shown with its origin', async () => {
      await api.given(experimentView, [experimentRow('copy', { clonedFrom: 'e0' as AggregateId })]);
      expect((await api.call('GET', `${path}/copy`)).body['clonedFrom']).toBe('e0');
    });
  });

  describe('a pause, a stop and a rollback', () => {
    it.each(['pause', 'stop', 'rollback'])(
      '%s is graceful unless it is asked to be instant',
      async (move) => {
        for (const mode of [undefined, 'graceful', 'instant'] as const) {
          const id = await warming();
          expect((await post(`${path}/${id}/${move}`, { reason: 'drill', mode })).status).toBe(202);
          expect((await eventsOf(id)).at(-1)?.data).toMatchObject({
            mode: mode ?? 'graceful',
            reason: 'drill',
          });
          if (move === 'pause') await post(`${path}/${id}/stop`);
          await confirm(api.app, id, move === 'rollback' ? 'ConfirmRollback' : 'ConfirmStop');
        }
      },
    );

    it.each(['pause', 'stop', 'rollback'])('%s refuses another mode and an unknown field', async (move) => {
      const id = await warming();
      for (const body of [{ mode: 'soon' }, { instant: true }, { reason: 'x'.repeat(501) }]) {
        const answer = await post(`${path}/${id}/${move}`, body);
        expect([answer.status, answer.body['code']]).toEqual([400, 'validation-failed']);
      }
      expect((await eventsOf(id)).at(-1)?.type).toBe('ExperimentWarmupBegan');
      await post(`${path}/${id}/stop`);
      await confirm(api.app, id, 'ConfirmStop');
    });
  });

  describe('the state at a moment', () => {
    const at = (n: number): string => new Date(Date.UTC(2026, 5, 1, 12, n)).toISOString();
    /** A whole life; each commit with its phase afterwards. */
    const life = async () => {
      const id = await warming();
      await confirm(api.app, id, 'BeginMeasurement');
      await confirm(api.app, id, { type: 'ConcludeExperiment', at: at(0), verdict: verdictUpTo(at(0)) });
      await post(`${path}/${id}/promote`, { reason: 'cheaper' });
      await confirm(api.app, id, 'ConfirmPromotion');
      await api.call('DELETE', `${path}/${id}`);
      const phases = [
        'draft',
        'deploying',
        'warming',
        'running',
        'concluded',
        'promoting',
        'promoted',
        'archived',
      ];
      const commits = await api.store.load({ tenant, aggregate: 'experiment', id });
      expect(commits).toHaveLength(phases.length);
      return { id, moments: commits.map(({ position }, n) => ({ position, phase: phases[n]! })) };
    };

    it('is the fold of the events up to a position, each with its own ETag', async () => {
      const { id, moments } = await life();
      for (const { position, phase } of moments) {
        const answer = await api.call('GET', `${path}/${id}?at=${position}`, { as: 'viewer' });
        expect([answer.status, answer.body['phase'], answer.body['status']]).toEqual([200, phase, phase]);
        expect(answer.headers.get('etag')).toBe(`"${position}"`);
      }
      const { body } = await api.call('GET', `${path}/${id}?at=${moments[3]!.position}`);
      expect(body).toMatchObject({
        hosts: ['h1'],
        verdict: null,
        endedAt: null,
        archived: false,
        reason: null,
      });
      expect((await api.call('GET', `${path}/${id}?at=${moments[4]!.position}`)).body).toMatchObject({
        verdict: { decision: 'promote' },
      });
    });

    it('is the fold of the events up to a time, also with an offset', async () => {
      const id = await drafted();
      const before = (await api.call('GET', `${path}/${id}?at=${(await api.store.head()).toString()}`)).body;
      const created = before['createdAt'] as string;
      await api.call('PATCH', `${path}/${id}`, { body: { name: 'revised' } });
      const earlier = new Date(Date.parse(created) - 1).toISOString();
      const shifted = `${new Date(Date.parse(created) + 2 * 3_600_000).toISOString().slice(0, -1)}%2B02:00`;
      for (const moment of [created, shifted])
        expect((await api.call('GET', `${path}/${id}?at=${moment}`)).body).toEqual(before);
      const unborn = await api.call('GET', `${path}/${id}?at=${earlier}`);
      expect([unborn.status, unborn.body['code']]).toEqual([404, 'experiment-not-yet-drafted']);
      const now = await api.call('GET', `${path}/${id}?at=${new Date().toISOString()}`);
      expect(now.body['name']).toBe('revised');
    });

    it.each([
      ['a future time', new Date(Date.now() + 3_600_000).toISOString(), 400, 'invalid-moment'],
      ['a future position', '999999999', 400, 'invalid-moment'],
      ['a time without a zone', '2026-01-01T00:00:00', 400, 'invalid-moment'],
      ['a day that is none', '2026-02-30T00:00:00Z', 400, 'invalid-moment'],
      ['a word', 'yesterday', 400, 'invalid-moment'],
      ['nothing', '', 400, 'invalid-moment'],
      ['a position before it began', '0', 404, 'experiment-not-yet-drafted'],
      ['a time long ago', '1999-01-01T00:00:00Z', 404, 'experiment-not-yet-drafted'],
    ])('refuses %s', async (_, moment, status, code) => {
      const answer = await api.call('GET', `${path}/${await drafted()}?at=${moment}`);
      expect([answer.status, answer.body['code']]).toEqual([status, code]);
    });

    it('is not there for an experiment that is not', async () => {
      const id = await drafted();
      for (const [of, options] of [
        ['nothing', {}],
        [id, { tenant: 'other' }],
      ] as const) {
        const answer = await api.call('GET', `${path}/${of}?at=1`, options);
        expect([answer.status, answer.body['code']]).toEqual([404, 'experiment-not-found']);
      }
    });
  });
});
