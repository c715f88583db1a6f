import { appUser } from '#lib/database';
import { eventually } from '#lib/platform-testing';
import { adminPassword, startCommandApi, type RunningApi } from '../testing/running-api.js';

describe('the doors of command-api', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startCommandApi();
  });
  afterAll(() => api.stop());

  const logIn = (email: string, password: string) =>
    api.call('POST', '/api/v1/auth/login', { as: 'none', body: { email, password } });

  it('let the first admin in, whose token then opens the rest', async () => {
    const answer = await logIn('Admin@Phoenix.io', adminPassword);
    expect(answer.body).toMatchObject({
      user: { email: 'admin@phoenix.io', role: 'admin', tenant: 'default' },
    });
    const headers = { authorization: `Bearer ${String(answer.body['accessToken'])}` };
    const me = await api.call('GET', '/api/v1/auth/me', { as: 'none', headers });
    expect(me.body).toEqual(answer.body['user']);
    const [stored] = await api.db.getRepository(appUser).find();
    expect(JSON.stringify(stored)).not.toContain(adminPassword);
  });

  it('say the same to a wrong password, an unknown email and a disabled user', async () => {
    const refused = await Promise.all([
      logIn('admin@phoenix.io', 'wrong'),
      logIn('nobody@phoenix.io', adminPassword),
    ]);
    const users = api.db.getRepository(appUser);
    await users.update({ email: 'admin@phoenix.io' }, { disabledAt: '2026-01-01T00:00:00.000Z' });
    refused.push(await logIn('admin@phoenix.io', adminPassword));
    await users.update({ email: 'admin@phoenix.io' }, { disabledAt: null });
    for (const { status, body } of refused)
      expect([status, body['code'], body['detail']]).toEqual([
        401,
        'invalid-credentials',
        'Email or password is wrong.',
      ]);
  });

  it('are closed without a token, all but login, health, the page and the reference', async () => {
    const { paths } = JSON.parse((await api.call('GET', '/api/v1/openapi.json', { as: 'none' })).text) as {
      paths: Record<string, Record<string, unknown>>;
    };
    const closed = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => [method, path] as const),
    );
    const open = ['/api/v1/auth/login', '/health', '/health/live', '/health/ready', '/metrics'];
    for (const [method, path] of closed.filter(([, one]) => !open.includes(one))) {
      const { status } = await api.call(method.toUpperCase(), path.replace(/\{\w+\}/, 'x'), { as: 'none' });
      expect({ method, path, status }).toEqual({ method, path, status: 401 });
    }
    expect(closed.length).toBeGreaterThan(25);
    for (const path of ['/', '/docs', '/assets/page.css', '/assets/page.js', '/health/live']) {
      expect((await api.call('GET', path, { as: 'none' })).status).toBe(200);
    }
  });

  it('serve the page under a policy that lets nothing else in, and no other file', async () => {
    const page = await api.call('GET', '/', { as: 'none' });
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const named = [...page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, name = '']) => name);
    for (const name of named) expect((await api.call('GET', name, { as: 'none' })).status).toBe(200);
    expect(page.text).not.toMatch(/<script(?! type="module" src)|style="/);
    for (const name of ['page.controller.ts', '..%2fpage.controller.ts', '__proto__'])
      expect((await api.call('GET', `/assets/${name}`, { as: 'none' })).status).toBe(404);
  });

  it('tell their figures only to the machine itself', async () => {
    const local = await api.call('GET', '/metrics', { as: 'none' });
    expect(local.text).toContain('phoenix_commands_total');
    const proxied = await api.call('GET', '/metrics', {
      as: 'none',
      headers: { 'x-forwarded-for': '203.0.113.7' },
    });
    expect([proxied.status, proxied.body['code']]).toEqual([403, 'forbidden']);
  });

  it('say of what their readiness is made', async () => {
    const answer = await api.call('GET', '/health/ready', { as: 'none' });
    expect(answer.body).toEqual({
      ready: true,
      checks: expect.arrayContaining([
        { name: 'nats', ok: true },
        { name: 'postgres', ok: true },
      ]) as unknown,
    });
  });

  it('answer an unknown path as a problem', async () => {
    await eventually(
      async () => (await api.call('GET', '/health/live', { as: 'none' })).status === 200,
      'live',
    );
    const { status, body } = await api.call('GET', '/api/v1/nothing', { as: 'none' });
    expect([status, body['code']]).toEqual([404, 'not-found']);
  });
});
