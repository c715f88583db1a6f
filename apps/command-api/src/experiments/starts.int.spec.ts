import { hostView } from '#lib/database';
import type { AggregateId, HostId } from '#lib/events';
import { confirm } from '../testing/confirm.js';
import { hostRow } from '../testing/rows.js';
import { startCommandApi, tenant, type Answer, type RunningApi } from '../testing/running-api.js';

const path = '/api/v1/experiments';
const ROUNDS = 25;

describe('starts at the same moment, through two replicas whose views know nothing of either', () => {
  let api: RunningApi;
  let doors: readonly RunningApi['call'][];
  beforeAll(async () => {
    api = await startCommandApi();
    doors = [api.call, (await api.replica()).call];
    await api.given(
      hostView,
      ['h1', 'h2', 'h3'].map((id) => hostRow(id)),
    );
  });
  afterAll(() => api.stop());

  const drafted = async (...hosts: string[]): Promise<string> => {
    const body = {
      name: 'race',
      candidate: { kind: 'template', template: 'topk', parameters: { k: 20 } },
      targets: { hosts },
    };
    return (await api.call('POST', path, { body })).body['id'] as string;
  };
  const start = (id: string, replica: number): Promise<Answer> =>
    doors[replica % 2]!('POST', `${path}/${id}/start`, { body: {} });
  const end = async (id: string): Promise<void> => {
    await api.call('POST', `${path}/${id}/stop`, { body: {} });
    await confirm(api.app, id as AggregateId, 'ConfirmStop');
  };
  const outcome = ({ status, body }: Answer): unknown => (status === 202 ? 'accepted' : body['code']);
  /** Experiments that were started and not yet ended, by the log. */
  const startedHosts = async (ids: readonly string[]): Promise<readonly HostId[]> => {
    const logs = await Promise.all(
      ids.map((id) => api.store.load({ tenant, aggregate: 'experiment', id: id as AggregateId })),
    );
    return logs
      .flat()
      .flatMap(({ events }) => events)
      .flatMap((event) => (event.type === 'ExperimentStarted' ? event.data.hosts : []));
  };

  it('accepts exactly one of two on one host, refuses the other as busy, and lets it start after the first', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const ids = [await drafted('h1'), await drafted('h1')] as const;
      const answers = await Promise.all(ids.map((id, replica) => start(id, replica)));
      expect(answers.map(outcome).sort()).toEqual(['accepted', 'hosts-busy']);
      const won = answers.findIndex(({ status }) => status === 202);
      const [winner, loser] = [ids[won]!, ids[1 - won]!];
      expect(answers[1 - won]!.body['detail']).toContain(winner);
      expect(await startedHosts(ids)).toEqual(['h1']);
      await end(winner);
      expect(outcome(await start(loser, round))).toBe('accepted');
      await end(loser);
    }
  });

  it('accepts one of many that overlap in any host', async () => {
    const targets = [['h1', 'h2'], ['h2', 'h3'], ['h1', 'h3'], ['h2'], ['h1', 'h2', 'h3'], ['h2', 'h3']];
    for (let round = 0; round < 5; round += 1) {
      const ids = await Promise.all(targets.map((hosts) => drafted(...hosts)));
      const answers = await Promise.all(ids.map((id, replica) => start(id, replica)));
      expect(new Set(answers.map(outcome))).toEqual(new Set(['accepted', 'hosts-busy']));
      const hosts = await startedHosts(ids);
      expect(new Set(hosts).size).toBe(hosts.length);
      for (const [n, { status }] of answers.entries()) if (status === 202) await end(ids[n]!);
    }
  });

  it('accepts all of those that do not overlap', async () => {
    const ids = [await drafted('h1'), await drafted('h2'), await drafted('h3')];
    const answers = await Promise.all(ids.map((id, replica) => start(id, replica)));
    expect(answers.map(outcome)).toEqual(['accepted', 'accepted', 'accepted']);
    for (const id of ids) await end(id);
  });

  it('carries one start out once, though both replicas are asked with the same key', async () => {
    const id = await drafted('h1');
    const headers = { 'idempotency-key': `once-${id}` };
    const [one, other] = await Promise.all(
      doors.map((call) => call('POST', `${path}/${id}/start`, { body: {}, headers })),
    );
    expect([one!.status, other!.status]).toEqual([202, 202]);
    expect(one!.body).toEqual(other!.body);
    expect(await startedHosts([id])).toEqual(['h1']);
    await end(id);
  });

  it('never starts what is archived, nor loses a revision that was accepted before the start', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await drafted('h1');
      const [started, other] = await Promise.all([
        start(id, 0),
        round % 2 === 0
          ? doors[1]!('DELETE', `${path}/${id}`)
          : doors[1]!('PATCH', `${path}/${id}`, { body: { name: 'revised' } }),
      ]);
      const commits = await api.store.load({ tenant, aggregate: 'experiment', id: id as AggregateId });
      const types = commits.flatMap(({ events }) => events.map(({ type }) => type));
      if (round % 2 === 0) {
        expect([started.status, other.status].filter((status) => status === 202)).toHaveLength(1);
        expect(types).toHaveLength(2);
      } else {
        expect(started.status).toBe(202);
        const last = commits.at(-1)!.events[0]!;
        expect(last.type).toBe('ExperimentStarted');
        if (other.status === 202) expect(last.data).toMatchObject({ spec: { name: 'revised' } });
      }
      if (started.status === 202) await end(id);
    }
  });
});
