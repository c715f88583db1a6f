import { auditLog } from '#lib/database';
import { adminPassword, startCommandApi, type RunningApi } from '../testing/running-api.js';

interface Entry {
  readonly id: string;
  readonly actor: { readonly id: string };
  readonly action: string;
  readonly target: string | null;
  readonly outcome: string;
  readonly code: string | null;
  readonly reason: string | null;
  readonly position: string | null;
}

describe('the audit trail', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startCommandApi();
  });
  afterAll(() => api.stop());

  const trail = async (query = '', tenant?: string): Promise<readonly Entry[]> => {
    const options = tenant === undefined ? {} : { tenant };
    return (await api.call('GET', `/api/v1/audit${query}`, options)).body['items'] as Entry[];
  };
  const post = (path: string, options: Parameters<RunningApi['call']>[2] = {}) =>
    api.call('POST', `/api/v1${path}`, options);
  const pipeline = { name: 'Top', template: 'topk' };

  it('has a row for each command, with who, what and where it stands', async () => {
    const created = await post('/pipelines', { body: pipeline, headers: { 'idempotency-key': 'k1' } });
    const [entry] = await trail();
    expect(entry).toMatchObject({
      actor: { kind: 'user', id: 'the-operator' },
      action: 'POST /pipelines',
      target: created.body['id'],
      outcome: 'accepted',
      code: null,
      idempotencyKey: 'k1',
      position: created.body['position'],
    });
  });

  it('has a row for each refusal, whoever refused: rules, roles, validation', async () => {
    await post('/fleet/hosts/none/revoke', { body: { reason: 'stolen\0' } });
    await post('/pipelines', { body: pipeline, as: 'viewer' });
    await post('/pipelines', { body: { ...pipeline, force: 1 } });
    const entries = await trail('?limit=3');
    expect(
      entries.map(({ actor, action, target, outcome, code, reason }) => ({
        ...{ actor: actor.id, action, target, outcome, code, reason },
      })),
    ).toEqual([
      row({ actor: 'the-operator', action: 'POST /pipelines', code: 'validation-failed' }),
      row({ actor: 'the-viewer', action: 'POST /pipelines', code: 'forbidden' }),
      row({
        action: 'POST /fleet/hosts/:id/revoke',
        target: 'none',
        code: 'host-not-found',
        reason: 'stolen\ufffd',
      }),
    ]);
  });

  it('keeps logins with who was tried, and never a password', async () => {
    const login = (password: string) =>
      post('/auth/login', { body: { email: 'admin@phoenix.io', password }, as: 'none' });
    await login('wrong password');
    await login(adminPassword);
    const [good, bad] = await trail('?action=/auth/login');
    expect(bad).toMatchObject({ outcome: 'refused', code: 'invalid-credentials' });
    expect(good).toMatchObject({ outcome: 'accepted', actor: { id: 'admin@phoenix.io' } });
    const rows = JSON.stringify(await api.db.getRepository(auditLog).find());
    expect(rows).not.toContain('wrong password');
    expect(rows).not.toContain(adminPassword);
  });

  it('has no rows for questions and strangers', async () => {
    const before = (await trail('?limit=200')).length;
    await api.call('GET', '/api/v1/experiments');
    await post('/pipelines/render', { body: { template: 'topk', host: { id: 'h1', labels: {} } } });
    await post('/pipelines', { body: pipeline, as: 'none' });
    await post('/nowhere', { body: {} });
    expect(await trail('?limit=200')).toHaveLength(before);
  });

  it('can be searched, paged and exported, and belongs to one tenant', async () => {
    const all = await trail('?limit=200');
    const first = await api.call('GET', '/api/v1/audit?limit=2');
    const rest = await trail(`?limit=200&cursor=${String(first.body['next'])}`);
    expect([...(first.body['items'] as Entry[]), ...rest]).toEqual(all);
    expect((await trail('?actor=the-viewer')).map(({ code }) => code)).toEqual(['forbidden']);
    expect((await trail('?outcome=refused&target=none')).map(({ code }) => code)).toEqual(['host-not-found']);
    expect(await trail('?to=2020-01-01T00:00:00Z')).toEqual([]);
    expect(await trail('', 'other')).toEqual([]);
    const lines = await api.call('GET', '/api/v1/audit?format=jsonl&limit=200');
    expect(
      lines.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Entry),
    ).toEqual(all);
    const sheet = await api.call('GET', '/api/v1/audit?format=csv&limit=2');
    expect(sheet.text.split('\r\n')).toHaveLength(4);
    expect(sheet.headers.get('x-next-cursor')).toBe(first.body['next']);
    for (const query of ['cursor=x', 'from=yesterday', 'outcome=lost', 'format=xml', 'limit=0'])
      expect((await api.call('GET', `/api/v1/audit?${query}`)).status).toBe(400);
  });
});

function row(part: Partial<Record<'actor' | 'action' | 'target' | 'code' | 'reason', string>>) {
  return { actor: 'the-operator', target: null, outcome: 'refused', reason: null, ...part };
}
