import { createHash } from 'node:crypto';
import {
  auditLog,
  enrolmentToken,
  enrolmentUse,
  generatedConfig,
  hostAttempt,
  hostPresence,
  hostView,
  pipelineVersionView,
  pipelineView,
} from '#lib/database';
import type { AggregateId, CommandId, HostId, Position } from '#lib/events';
import { attemptRow, hostRow, presenceRow } from '../testing/rows.js';
import { startCommandApi, tenant, type RunningApi } from '../testing/running-api.js';

const AT = '2026-01-01T00:00:00.000Z';

describe('hosts and pipelines over HTTP', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startCommandApi();
  });
  afterAll(() => api.stop());

  it('shows an enrolment token once and keeps only its hash', async () => {
    const body = { labels: { role: 'web' }, site: 'fra-1', maxUses: 3, expiresInSeconds: 600 };
    const answer = await api.call('POST', '/api/v1/fleet/enrolment-tokens', { body });
    expect(answer.status).toBe(201);
    const token = answer.body['token'] as string;
    const [row] = await api.db.getRepository(enrolmentToken).find();
    expect(row).toMatchObject({
      labels: { role: 'web' },
      site: 'fra-1',
      maxUses: 3,
      createdBy: 'the-operator',
    });
    expect(row?.tokenHash).toBe(createHash('sha256').update(token).digest('hex'));
    expect(JSON.stringify(row)).not.toContain(token);
    const viewer = await api.call('POST', '/api/v1/fleet/enrolment-tokens', { body, as: 'viewer' });
    expect(viewer.body['code']).toBe('forbidden');
  });

  it('lists tokens with whom they let in and never with their secret, and revokes them', async () => {
    const make = async (body: object) =>
      (await api.call('POST', '/api/v1/fleet/enrolment-tokens', { body })).body as {
        id: string;
        token: string;
      };
    const [used, fresh] = [await make({}), await make({ maxUses: 2 })];
    await api.given(enrolmentUse, [
      { tokenId: used.id, host: 'h7' as HostId, tenant, hostname: 'seven', at: AT },
    ]);
    const listed = await api.call('GET', '/api/v1/fleet/enrolment-tokens');
    for (const { token } of [used, fresh]) expect(listed.text).not.toContain(token);
    expect(listed.text).not.toMatch(/hash/i);
    const stateOf = (id: string, body = listed.body) =>
      (body['items'] as { id: string; state: string; uses: object[] }[]).find((item) => item.id === id);
    expect(stateOf(used.id)).toMatchObject({ state: 'used-up', uses: [{ host: 'h7', at: AT }] });
    expect(stateOf(fresh.id)).toMatchObject({ state: 'usable', uses: [], createdBy: 'the-operator' });

    const path = `/api/v1/fleet/enrolment-tokens/${fresh.id}`;
    expect((await api.call('DELETE', path, { as: 'viewer' })).body['code']).toBe('forbidden');
    expect((await api.call('GET', '/api/v1/fleet/enrolment-tokens', { as: 'viewer' })).status).toBe(403);
    const revoked = await api.call('DELETE', path);
    expect(revoked.body).toMatchObject({ id: fresh.id, state: 'revoked' });
    expect((await api.call('DELETE', path)).body).toEqual(revoked.body);
    const unknown = await api.call('DELETE', '/api/v1/fleet/enrolment-tokens/none');
    expect([unknown.status, unknown.body['code']]).toEqual([404, 'enrolment-token-not-found']);
    const trail = await api.db.getRepository(auditLog).findBy({ target: fresh.id });
    expect(trail.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual(
      expect.arrayContaining([
        'POST /fleet/enrolment-tokens accepted',
        'DELETE /fleet/enrolment-tokens/:id refused',
        'DELETE /fleet/enrolment-tokens/:id accepted',
      ]),
    );
  });

  it('lists hosts in pages, and shows one with its heartbeat and its attempts', async () => {
    await api.given(
      hostView,
      ['h1', 'h2', 'h3'].map((id) => hostRow(id, { status: id === 'h3' ? 'suspect' : 'online' })),
    );
    const first = (await api.call('GET', '/api/v1/fleet/hosts?limit=2')).body;
    expect((first['items'] as { id: string }[]).map(({ id }) => id)).toEqual(['h1', 'h2']);
    const rest = (await api.call('GET', `/api/v1/fleet/hosts?limit=2&cursor=${String(first['next'])}`)).body;
    expect((rest['items'] as { id: string }[]).map(({ id }) => id)).toEqual(['h3']);
    expect(rest['next']).toBeNull();

    await api.given(hostPresence, [presenceRow('h1')]);
    await api.given(hostAttempt, [
      attemptRow('h1', {
        stage: 'failed',
        at: '2025-12-31T23:59:59.000Z',
        detectedAt: AT,
        reason: 'port in use',
      }),
      attemptRow('h1'),
    ]);
    expect((await api.call('GET', '/api/v1/fleet/hosts/h1')).body).toMatchObject({
      id: 'h1',
      inventory: { cpus: 2, arch: 'x64', collector: { version: '0.149.0' } },
      presence: {
        lastHeartbeatAt: AT,
        agent: { cpuPercent: 0.4, rssBytes: 1000 },
        outbox: { metrics: 2, dropped: 0 },
        link: { door: 'leaf', server: 'leaf-1', rttMs: 1 },
      },
      attempts: [
        { stage: 'effective', generation: 1, detectedAt: null },
        { stage: 'failed', detectedAt: AT },
      ],
    });
    expect((await api.call('GET', '/api/v1/fleet/hosts/none')).body['code']).toBe('host-not-found');
    expect((await api.call('GET', '/api/v1/fleet/status')).body).toMatchObject({
      hosts: { total: 3, online: 2, suspect: 1 },
    });
  });

  it("shows what a host's collector offers on its own page only, and that it does not know it", async () => {
    const collectorOffers = {
      ...{ receivers: { otlp: 'v0.149.0' }, processors: {}, exporters: {}, connectors: {}, extensions: {} },
    };
    await api.given(hostView, [hostRow('h4', { collectorOffers }), hostRow('h5')]);
    const of = async (id: string) => (await api.call('GET', `/api/v1/fleet/hosts/${id}/collector`)).body;
    expect(await of('h4')).toEqual({
      ...{ id: 'h4', kind: 'otelcol', version: '0.149.0', offers: collectorOffers },
    });
    expect(await of('h5')).toMatchObject({ offers: null });
    expect((await of('none'))['code']).toBe('host-not-found');
    expect((await api.call('GET', '/api/v1/fleet/hosts')).text).not.toContain('offers');
  });

  it('rotates and revokes a host that is enrolled, and refuses for one that is not', async () => {
    await api.store.append(
      {
        ...{ tenant, aggregate: 'host', id: 'h9' as AggregateId, commandId: 'enrol-h9' as CommandId, at: AT },
        actor: { kind: 'service', id: 'agent-gateway' },
        events: [
          {
            type: 'HostEnrolled',
            data: { at: AT, hostname: 'h9', labels: {}, inventory: hostRow('h9').inventory, publicKey: 'U1' },
          },
        ],
      },
      0 as Position,
    );
    const rotate = (host: string, as?: 'viewer') =>
      api.call('POST', `/api/v1/fleet/hosts/${host}/rotate`, {
        body: { reason: 'yearly' },
        ...(as && { as }),
      });
    expect((await rotate('h9', 'viewer')).body['code']).toBe('forbidden');
    expect((await rotate('none')).body['code']).toBe('host-not-found');
    expect([(await rotate('h9')).status, (await rotate('h9')).status]).toEqual([202, 202]);
    const asked = await api.store.load({ tenant, aggregate: 'host', id: 'h9' as AggregateId });
    expect(asked.flatMap(({ events }) => events).slice(1)).toMatchObject([
      { type: 'HostCredentialRotationRequested', data: { reason: 'yearly' } },
    ]);
    const rows = await api.db.getRepository(auditLog).findBy({ target: 'h9' });
    expect(rows.filter(({ action }) => action === 'POST /fleet/hosts/:id/rotate')).toHaveLength(3);
    const revoked = await api.call('POST', '/api/v1/fleet/hosts/h9/revoke', { body: { reason: 'gone' } });
    expect((await rotate('h9')).body['code']).toBe('host-revoked');
    expect(revoked.status).toBe(202);
    const unknown = await api.call('POST', '/api/v1/fleet/hosts/none/revoke', { body: {} });
    expect([unknown.status, unknown.body['code']]).toEqual([404, 'host-not-found']);
  });

  it('describes its templates, and renders one to the same bytes each time', async () => {
    const templates = (await api.call('GET', '/api/v1/pipelines/templates')).body['items'] as {
      id: string;
    }[];
    expect(templates.map(({ id }) => id)).toEqual(expect.arrayContaining(['baseline', 'topk', 'aggregated']));
    const body = { template: 'topk', parameters: { k: 5 }, host: { id: 'h1', labels: { role: 'web' } } };
    const render = () => api.call('POST', '/api/v1/pipelines/render', { body, as: 'viewer' });
    const [one, two] = [await render(), await render()];
    expect(one.status).toBe(200);
    expect(one.text).toBe(two.text);
    expect(one.body['yaml']).toContain('hostmetrics');
    const wrong = await api.call('POST', '/api/v1/pipelines/render', {
      body: { ...body, parameters: { k: 0 } },
    });
    expect(wrong.body['errors']).toMatchObject([{ field: 'parameters.k' }]);
  });

  it('creates a pipeline with its first version and publishes the next, once each', async () => {
    const create = { body: { name: 'Top', template: 'topk' }, headers: { 'idempotency-key': 'p1' } };
    const created = await api.call('POST', '/api/v1/pipelines', create);
    expect((await api.call('POST', '/api/v1/pipelines', create)).body).toEqual(created.body);
    const id = created.body['id'] as AggregateId;
    const next = { body: { template: 'topk', parameters: { k: 7 } } };
    expect((await api.call('POST', `/api/v1/pipelines/${id}/versions`, next)).status).toBe(202);
    const commits = await api.store.load({ tenant, aggregate: 'pipeline', id });
    expect(commits.flatMap(({ events }) => events.map(({ type }) => type))).toEqual([
      'PipelineCreated',
      'PipelineVersionPublished',
      'PipelineVersionPublished',
    ]);
    expect((await api.call('POST', '/api/v1/pipelines/none/versions', next)).body['code']).toBe(
      'pipeline-not-found',
    );
  });

  it('lists the catalogue and finds a stored configuration by its hash', async () => {
    const at = { tenant, position: 1 as Position };
    const pl = {
      ...at,
      id: 'p' as AggregateId,
      name: 'P',
      description: '',
      latestVersion: 2,
      deprecated: false,
    };
    await api.given(pipelineView, [
      { ...pl, deprecatedReason: null, createdAt: AT, createdBy: 'x', updatedAt: AT },
    ]);
    const version = {
      ...at,
      pipelineId: 'p' as AggregateId,
      template: 'topk',
      ...{ spec: null, yaml: null, contentHash: null },
      publishedAt: AT,
      publishedBy: 'x',
    };
    await api.given(
      pipelineVersionView,
      [1, 2].map((n) => ({ ...version, version: n, parameters: { k: n } })),
    );
    const versions = (await api.call('GET', '/api/v1/pipelines/p/versions')).body['items'];
    expect(versions).toMatchObject([{ version: 2, parameters: { k: 2 } }, { version: 1 }]);
    const list = (await api.call('GET', '/api/v1/pipelines')).body['items'];
    expect(list).toMatchObject([{ id: 'p', latestVersion: 2, position: '1' }]);
    const hash = 'a'.repeat(64);
    await api.given(generatedConfig, [{ tenant, hash, rendered: { yaml: 'x' }, createdAt: AT }]);
    expect((await api.call('GET', `/api/v1/generator/configs/${hash}`)).body).toMatchObject({
      rendered: { yaml: 'x' },
    });
    expect((await api.call('GET', '/api/v1/generator/configs/none')).body['code']).toBe('config-not-found');
  });
});
