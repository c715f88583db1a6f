import type { OneShotTask, TaskResult } from '#lib/agent-protocol';
import { stagesOf, task, type TaskRow } from '#lib/database';
import { subjects, type AggregateId, type TaskMessage } from '#lib/events';
import { systemClock } from '#lib/platform';
import { eventually, GatewayHouse, tenant } from '../testing/gateway-house.js';
import { PlayedHost } from '../testing/played-host.js';

const by = { kind: 'user', id: 'u1' } as const;
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

describe('one-shot tasks in the gateway', () => {
  let house: GatewayHouse;
  let host: PlayedHost;

  beforeAll(async () => {
    house = await GatewayHouse.open(2);
    host = await PlayedHost.connect(house, await house.enrolled('web-1'));
  }, 120_000);
  afterAll(async () => {
    await host.stop();
    await house.close();
  });

  const logs = (taskId: string, deadline = inSeconds(600)): OneShotTask => ({
    ...{ kind: 'CollectLogs', taskId, deadline, variant: 'baseline', lines: 10 },
  });
  const say = (message: TaskMessage, to: string = host.id) =>
    house.services.publisher.publish(
      subjects.task(tenant, to as PlayedHost['id']),
      new TextEncoder().encode(JSON.stringify(message)),
    );
  const ask = (body: OneShotTask, to?: string) =>
    say({ op: 'request', at: systemClock.iso(), by, task: body }, to);
  const takeBack = (id: string) =>
    say({ op: 'cancel', at: systemClock.iso(), by, taskId: id as AggregateId, reason: 'not needed' });
  const rowOf = async (id: string): Promise<TaskRow | null> =>
    house.source.getRepository(task).findOneBy({ tenant, id: id as AggregateId });
  const stages = async (id: string) =>
    (await stagesOf(house.source, tenant, id as AggregateId)).map(({ stage }) => stage);
  const reached = (id: string, phase: TaskRow['phase']) =>
    eventually(async () => expect((await rowOf(id))?.phase).toBe(phase));
  const arrived = (id: string) => host.received.filter(({ taskId }) => taskId === id);
  const result = (taskId: string, outcome: TaskResult['outcome'], detail = ''): TaskResult => ({
    ...{ kind: 'task-result', at: systemClock.iso(), taskId, outcome, detail },
  });
  /** Heartbeats go on, as they do; each also says hello. */
  const whileBeating = async (assertion: () => void | Promise<void>) =>
    eventually(async () => {
      host.beat();
      await assertion();
    });

  it('keeps what is asked of a host that is away, and hands it over in order once it is there', async () => {
    for (const id of ['t1', 't2', 't3']) await ask(logs(id));
    await reached('t3', 'requested');
    expect(host.received).toEqual([]);
    await whileBeating(async () => expect((await rowOf('t3'))?.phase).toBe('accepted'));
    const order = host.received.map(({ taskId }) => taskId);
    expect([...new Set(order)]).toEqual(['t1', 't2', 't3']);
    expect(await stages('t1')).toEqual(['requested', 'offered', 'accepted']);
  });

  it('tells every stage up to the result, and takes a repeated report once', async () => {
    const note = (text: string) =>
      host.tell({ kind: 'task-progress', at: systemClock.iso(), taskId: 't1', note: text });
    await note('begun');
    await note('half of it');
    await note('half of it');
    await eventually(async () => expect((await rowOf('t1'))?.detail).toBe('half of it'));
    expect((await rowOf('t1'))?.phase).toBe('running');
    await host.tell(result('t1', 'done', 'line 1\nline 2'));
    await host.tell(result('t1', 'done', 'line 1\nline 2'), true);
    await reached('t1', 'done');
    await host.tell(result('t1', 'failed', 'too late'));
    await host.tell(result('t2', 'failed', 'no baseline runs here'));
    await reached('t2', 'failed');
    const way = ['requested', 'offered', 'accepted', 'running', 'running', 'done'];
    expect(await stages('t1')).toEqual(way);
    expect(await rowOf('t1')).toMatchObject({ phase: 'done', detail: 'line 1\nline 2' });
    expect((await rowOf('t1'))?.endedAt).not.toBeNull();
  });

  it('knows a request that comes twice', async () => {
    await ask(logs('t1'));
    await ask(logs('t4'));
    await reached('t4', 'accepted');
    expect(arrived('t1')).toHaveLength(1);
  });

  it('offers again until it is answered, also when it was restarted meanwhile', async () => {
    host.accepting = false;
    await ask(logs('t5'));
    await whileBeating(() => expect(arrived('t5').length).toBeGreaterThanOrEqual(1));
    expect((await rowOf('t5'))?.phase).toBe('offered');
    await house.stopGateway();
    await house.startGateway();
    host.accepting = true;
    await whileBeating(async () => expect((await rowOf('t5'))?.phase).toBe('accepted'));
    expect(await stages('t5')).toEqual(['requested', 'offered', 'accepted']);
  });

  it('takes a task back before it was sent, without a word to the host', async () => {
    const id = (await house.enrolled('web-2')).host;
    await ask(logs('t6'), id);
    await reached('t6', 'requested');
    await say(
      { op: 'cancel', at: systemClock.iso(), by, taskId: 't6' as AggregateId, reason: 'not needed' },
      id,
    );
    await reached('t6', 'cancelled');
    expect(await stages('t6')).toEqual(['requested', 'cancel-requested', 'cancelled']);
  });

  it('tells the host to take back what it has, and believes what it reports', async () => {
    await takeBack('t5');
    await whileBeating(async () => expect((await rowOf('t5'))?.cancel).toBe('accepted'));
    expect(host.received.at(-1)).toMatchObject({ kind: 'CancelTask', cancels: 't5' });
    expect((await rowOf('t5'))?.phase).toBe('accepted');
    await host.tell(result('t5', 'cancelled', 'it had not begun'));
    await reached('t5', 'cancelled');
    await takeBack('t5');
    await ask(logs('t7'));
    await reached('t7', 'accepted');
    expect(await stages('t5')).toEqual(['requested', 'offered', 'accepted', 'cancel-requested', 'cancelled']);
  });

  it('lets a task expire that never reached its host', async () => {
    const id = (await house.enrolled('web-2')).host;
    await ask(logs('t8', inSeconds(1)), id);
    await reached('t8', 'expired');
    expect(await rowOf('t8')).toMatchObject({ detail: 'the host could not be reached in time' });
  });

  it('does not let one host speak for the task of another', async () => {
    const other = await PlayedHost.connect(house, await house.enrolled('web-2'));
    await other.tell(result('t7', 'done', 'stolen'));
    await other.tell(result('t4', 'done', 'stolen'));
    await host.tell(result('t4', 'done', 'mine'));
    await reached('t4', 'done');
    expect(await rowOf('t4')).toMatchObject({ detail: 'mine' });
    expect((await rowOf('t7'))?.phase).toBe('accepted');
    await other.stop();
  });

  it('passes over what is no task', async () => {
    const at = systemClock.iso();
    await say({ op: 'request', at, by, task: { kind: 'Dance', taskId: 't9' } } as unknown as TaskMessage);
    await ask(logs('t10'));
    await reached('t10', 'accepted');
    expect(await rowOf('t9')).toBeNull();
  });
});
