import { startCommandApi, type RunningApi } from '../testing/running-api.js';

const asked = { template: 'aggregated', format: 'kubernetes' };
const destination = {
  kind: 'newRelic',
  region: 'eu',
  apiKey: { kubernetesSecret: { name: 'new-relic', key: 'license-key' } },
};

type File = { readonly path: string; readonly content: string };

describe('the export of a pipeline over HTTP', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startCommandApi();
  });
  afterAll(() => api.stop());

  const post = (body: object, as: 'viewer' | 'none' = 'viewer') =>
    api.call('POST', '/api/v1/pipelines/export', { body, as });

  it('answers the same files each time, of a template or a specification', async () => {
    const [one, two] = [await post({ ...asked, destination }), await post({ ...asked, destination })];
    expect([one.status, one.body['warnings']]).toEqual([200, []]);
    expect(one.text).toBe(two.text);
    const files = one.body['files'] as readonly File[];
    expect(files.map(({ path }) => path)).toContain('50-daemonset.yaml');
    const spec = {
      source: { kind: 'hostmetrics', intervalSeconds: 10, processMetrics: ['process.cpu.time'] },
      processors: [{ kind: 'memoryLimiter', limitMebibytes: 64 }, { kind: 'identifyHost' }],
      destination: { ref: 'default' },
    };
    const helm = await post({ spec, format: 'helm', destination });
    expect((helm.body['files'] as readonly File[]).map(({ path }) => path)).toEqual(['values.yaml']);
  });

  it('warns where no destination is given', async () => {
    expect((await post(asked)).body['warnings']).toMatchObject([{ rule: 'destination-missing' }]);
  });

  it.each([
    ['no format', { template: 'topk' }, 'validation-failed'],
    ['no content', { format: 'helm' }, 'invalid-parameters'],
    ['two contents', { ...asked, spec: {} }, 'invalid-parameters'],
    ['a wrong parameter', { ...asked, parameters: { intervalSeconds: 0 } }, 'invalid-parameters'],
    ['no specification', { spec: { a: 1 }, format: 'helm' }, 'invalid-parameters'],
    [
      'a secret in clear',
      { ...asked, destination: { ...destination, apiKey: 'hunter2' } },
      'invalid-parameters',
    ],
    ['no critical process', { ...asked, criticalProcesses: ['a\nb'] }, 'invalid-parameters'],
    ['another field', { ...asked, host: 'h1' }, 'validation-failed'],
  ])('refuses %s', async (_, body, code) => {
    const answer = await post(body);
    expect([answer.status, answer.body['code']]).toEqual([400, code]);
    expect(answer.text).not.toContain('hunter2');
  });

  it('is for who is logged in', async () => {
    expect((await post(asked, 'none')).status).toBe(401);
  });
});
