import { randomUUID } from 'node:crypto';
import type { Link } from '#lib/agent-core';
import { OUTBOX_HEADERS, type EnrolResponse } from '#lib/agent-protocol';
import { hostPresence, outboxGap, stagesOf, task, uplinkCursor } from '#lib/database';
import { hostDecider } from '#lib/domain';
import { subjects, type AggregateId, type HostId, type TaskMessage } from '#lib/events';
import { CommandHandler, commandIdFrom, JetStreamEventStore, systemClock } from '#lib/platform';
import { eventually } from '#lib/platform-testing';
import type { Leaf } from '#tools/embedded';
import { CoreHost } from '../testing/core-host.js';
import { direct, doorNames, leafOf, overHttp, throughLeaf, type DoorName } from '../testing/door-keys.js';
import { startExperiment } from '../testing/experiments.js';
import { GatewayHouse, tenant } from '../testing/gateway-house.js';
import { messagesOf } from '../testing/stored-messages.js';

const PATIENCE_MS = 120_000;
const soon = (condition: () => boolean | Promise<boolean>, what: string) =>
  eventually(condition, what, PATIENCE_MS);

/** What every door owes: whoever comes through it, and whichever it is, nobody can tell the difference. */
describe.each<DoorName>(doorNames)('the door %s', (door) => {
  let house: GatewayHouse;
  let enrolment: EnrolResponse;
  let leaf: Leaf | undefined;
  let host: CoreHost;

  const linkOf = async (): Promise<Link> => {
    switch (door) {
      case 'leaf':
        leaf = await leafOf(house, enrolment);
        return (await throughLeaf(enrolment, leaf))();
      case 'direct':
        return direct(house, enrolment)();
      case 'http':
        return overHttp(house, enrolment)();
    }
  };

  beforeAll(async () => {
    house = await GatewayHouse.open(1);
    enrolment = await house.enrolled('web-1');
    host = await CoreHost.open(house, enrolment, await linkOf());
  }, PATIENCE_MS);
  afterAll(async () => {
    await host.stop();
    await leaf?.stop();
    await house.close();
  }, PATIENCE_MS);

  const ask = (taskId: string) => {
    const deadline = '2999-01-01T00:00:00.000Z';
    const body = { kind: 'CollectLogs', taskId, deadline, variant: 'baseline', lines: 10 } as const;
    const by = { kind: 'user', id: 'u1' } as const;
    const message: TaskMessage = { op: 'request', at: systemClock.iso(), by, task: body };
    return house.services.publisher.publish(subjects.task(tenant, host.id), bytes(message));
  };
  const phaseOf = async (id: string) =>
    (await house.source.getRepository(task).findOneBy({ tenant, id: id as AggregateId }))?.phase;
  const highWater = async () =>
    (await house.source.getRepository(uplinkCursor).findOneBy({ host: host.id, epoch: host.outbox.epoch }))
      ?.n ?? 0;
  const events = async () => {
    const store = new JetStreamEventStore(house.services);
    const ref = { tenant, aggregate: 'host', id: host.id as string as AggregateId } as const;
    return (await store.load(ref)).flatMap((commit) => commit.events.map(({ type }) => type));
  };
  const effectsOf = (id: string) => host.effects.filter(({ taskId }) => taskId === id).length;

  it('brings hello and heartbeats: the host is online', async () => {
    await soon(
      async () => (await house.source.getRepository(hostPresence).countBy({ host: host.id })) === 1,
      'a heartbeat to be kept',
    );
    expect((await events()).filter((type) => type === 'HostCameOnline')).toHaveLength(1);
    expect(host.link.isConnected()).toBe(true);
  });

  it('hands the newest order over once', async () => {
    await startExperiment(house, 'e1', [host.id]);
    await soon(() => host.journal.generation === 1, 'the order');
    // The task waits for the host's answer to the order.
    await ask('t0');
    await soon(async () => (await phaseOf('t0')) === 'done', 'what stands behind the order');
    const orders = host.effects.filter(({ kind }) => kind === 'ApplyCollectors');
    expect(orders).toEqual([host.journal.desired]);
    expect(orders[0]).toMatchObject({ generation: 1, experimentId: 'e1', criticalProcesses: ['nginx'] });
  });

  it('takes a one-shot task there and its result back, each once', async () => {
    await ask('t1');
    await soon(async () => (await phaseOf('t1')) === 'done', 'the result');
    const stages = (await stagesOf(house.source, tenant, 't1' as AggregateId)).map(({ stage }) => stage);
    // A result can be quicker than the answer to the hand-over is written down.
    const others = stages.filter((stage) => stage !== 'accepted');
    expect(others).toEqual(['requested', 'offered', 'done']);
    expect(host.replies.filter(({ taskId }) => taskId === 't1')).toEqual([
      { taskId: 't1', status: 'accepted' },
    ]);
    const [again] = host.effects.filter(({ taskId }) => taskId === 't1');
    const replies = host.replies.length;
    house.services.send(`down.${tenant}.${host.id}.task`, bytes(again));
    await soon(() => host.replies.length > replies, 'an answer to the repeat');
    expect(host.replies.at(-1)).toEqual({ taskId: 't1', status: 'duplicate' });
    expect(effectsOf('t1')).toBe(1);
  });

  it('stores results in their order, and a number that comes twice counts once', async () => {
    for (let i = 0; i < 20; i++)
      await host.tell({ kind: 'task-progress', at: systemClock.iso(), taskId: 't1', note: `step ${i}` });
    await soon(() => host.outbox.status().results === 0, 'all to be acknowledged');
    const stored = await messagesOf(house, 'UPLINK', host.id);
    const last = stored.length;
    expect(stored.map(({ header }) => Number(header(OUTBOX_HEADERS.n)))).toEqual(oneTo(last));
    const [first] = stored;
    // Whatever a host says is stored under one subject, which is its quota.
    expect(first?.subject).toBe(`up.${tenant}.${host.id}.all`);
    expect(first?.header(OUTBOX_HEADERS.lane)).toBe('results');
    // The first message once more, as after an acknowledgement that was lost.
    const numbers = { [OUTBOX_HEADERS.epoch]: host.outbox.epoch, [OUTBOX_HEADERS.n]: '1' };
    await host.link.publishAcked(first!.subject, first!.data, {
      ...numbers,
      [OUTBOX_HEADERS.lane]: 'results',
    });
    expect(await messagesOf(house, 'UPLINK', host.id)).toHaveLength(last + 1);
    await ask('t2');
    await soon(async () => (await phaseOf('t2')) === 'done', 'what follows');
    expect(await highWater()).toBe(last + 1);
    expect(await house.source.getRepository(outboxGap).countBy({ host: host.id })).toBe(0);
  });

  it('stores windows with their numbers and their experiment', async () => {
    for (const text of ['one', 'two', 'three']) await host.meter(text, 'e1');
    await soon(() => host.outbox.status().metrics === 0, 'all to be acknowledged');
    const stored = await messagesOf(house, 'METRICS', host.id);
    expect(
      stored.map(({ data, header }) => [
        new TextDecoder().decode(data),
        header(OUTBOX_HEADERS.n),
        header(OUTBOX_HEADERS.lane),
        header(OUTBOX_HEADERS.epoch),
        header('Phx-Experiment'),
      ]),
    ).toEqual(
      ['one', 'two', 'three'].map((text, i) => [text, String(i + 1), 'metrics', host.outbox.epoch, 'e1']),
    );
  });

  it('goes on when the gateway comes back', async () => {
    await house.stopGateway();
    await ask('t3');
    await host.tell({ kind: 'task-progress', at: systemClock.iso(), taskId: 't1', note: 'meanwhile' });
    await house.startGateway();
    await soon(async () => (await phaseOf('t3')) === 'done', 'the task of meanwhile');
    expect(effectsOf('t3')).toBe(1);
  });

  it('is shut for a revoked host', async () => {
    const { subject, data } = (await messagesOf(house, 'UPLINK', host.id))[0]!;
    const numbers = { [OUTBOX_HEADERS.epoch]: host.outbox.epoch, [OUTBOX_HEADERS.n]: '1' };
    const isTaken = async () =>
      host.link.publishAcked(subject, data, numbers).then(
        () => true,
        () => false,
      );
    expect(await isTaken()).toBe(true);
    await revoke(house, host.id);
    await soon(async () => !(await isTaken()), 'the door to be shut');
    const last = (await messagesOf(house, 'UPLINK', host.id)).length;
    expect(await isTaken()).toBe(false);
    expect(await messagesOf(house, 'UPLINK', host.id)).toHaveLength(last);
  });
});

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const oneTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

function revoke(house: GatewayHouse, host: HostId): Promise<unknown> {
  return new CommandHandler(new JetStreamEventStore(house.services), systemClock).handle(
    hostDecider,
    { tenant, aggregate: 'host', id: host as string as AggregateId },
    { type: 'RevokeHost', at: systemClock.iso(), reason: 'stolen' },
    { commandId: commandIdFrom(randomUUID()), actor: { kind: 'user', id: 'u1' } },
  );
}
