import type { AggregateId } from '#lib/events';
import { startCommandApi, tenant, type RunningApi } from '../testing/running-api.js';

const path = '/api/v1/experiments';
const draft = {
  name: 'Top 20',
  candidate: { kind: 'template', template: 'topk', parameters: { k: 20 } },
  targets: { hosts: ['h1'] },
};
const defaults = {
  memory: { rssBytes: 512 * 2 ** 20, seconds: 3 },
  cpu: { percent: 100, seconds: 60 },
  drops: { percent: 50, seconds: 20 },
  silence: { intervals: 6, seconds: 30 },
};

describe('limits of a candidate over HTTP', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startCommandApi();
  });
  afterAll(() => api.stop());

  const specOf = async (body: object): Promise<object> => {
    const answer = await api.call('POST', path, { body });
    expect(answer.status).toBe(202);
    const id = answer.body['id'] as AggregateId;
    const [commit] = await api.store.load({ tenant, aggregate: 'experiment', id });
    return (commit!.events[0]!.data as { readonly spec: object }).spec;
  };

  it('are kept with the defaults of what they leave out, and not made up', async () => {
    const limits = { memory: { rssBytes: 256 * 2 ** 20 }, cpu: { percent: 25, seconds: 5 } };
    expect(await specOf({ ...draft, limits })).toMatchObject({
      limits: {
        ...defaults,
        memory: { rssBytes: 256 * 2 ** 20, seconds: 3 },
        cpu: { percent: 25, seconds: 5 },
      },
    });
    expect(await specOf({ ...draft, limits: {} })).toMatchObject({ limits: defaults });
    expect(await specOf(draft)).not.toHaveProperty('limits');
  });

  it.each([
    ['no memory', { memory: { rssBytes: 1 } }],
    ['half a byte', { memory: { rssBytes: 2 ** 21 + 0.5 } }],
    ['no CPU', { cpu: { percent: 0 } }],
    ['more than an hour', { cpu: { seconds: 3601 } }],
    ['more drops than points', { drops: { percent: 101 } }],
    ['one silent interval', { silence: { intervals: 1 } }],
    ['a disk', { disk: {} }],
    ['a text', { memory: '512 MiB' }],
  ])('are refused for %s', async (_case, limits) => {
    const { body, status } = await api.call('POST', path, { body: { ...draft, limits } });
    expect([status, body['code']]).toEqual([400, 'validation-failed']);
  });
});
