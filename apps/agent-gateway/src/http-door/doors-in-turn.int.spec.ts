import { openDoors, systemClock } from '#lib/agent-core';
import { OUTBOX_HEADERS, type EnrolResponse } from '#lib/agent-protocol';
import { outboxGap, task, uplinkCursor } from '#lib/database';
import { subjects, type AggregateId, type TaskMessage } from '#lib/events';
import { eventually } from '#lib/platform-testing';
import type { StoredMessage } from '#lib/platform';
import type { Leaf } from '#tools/embedded';
import { CoreHost } from '../testing/core-host.js';
import { leafOf, overHttp, throughLeaf } from '../testing/door-keys.js';
import { startExperiment } from '../testing/experiments.js';
import { GatewayHouse, tenant } from '../testing/gateway-house.js';
import { messagesOf } from '../testing/stored-messages.js';

const PATIENCE_MS = 180_000;
const ROUNDS = 2;
const soon = (condition: () => boolean | Promise<boolean>, what: string) =>
  eventually(condition, what, PATIENCE_MS);

describe('a host that uses its leaf and the HTTP door in turn', () => {
  let house: GatewayHouse;
  let enrolment: EnrolResponse;
  let leaf: Leaf;
  let host: CoreHost;
  /** The doors in the order in which they were used. */
  const used: string[] = [];
  const asked: string[] = [];

  beforeAll(async () => {
    house = await GatewayHouse.open(1);
    enrolment = await house.enrolled('web-1');
    leaf = await leafOf(house, enrolment);
    const log = {
      info: (fields: object, message: string) => {
        if (message === 'using door' && 'door' in fields) used.push(String(fields.door));
      },
      warn: () => undefined,
    };
    const link = openDoors({
      doors: [
        { name: 'leaf', open: await throughLeaf(enrolment, leaf) },
        { name: 'http', open: overHttp(house, enrolment) },
      ],
      ...{ clock: systemClock, log },
    });
    host = await CoreHost.open(house, enrolment, link);
  }, PATIENCE_MS);
  afterAll(async () => {
    await host.stop();
    await leaf.stop();
    await house.close();
  }, PATIENCE_MS);

  const ask = async (taskId: string) => {
    const deadline = '2999-01-01T00:00:00.000Z';
    const body = { kind: 'CollectLogs', taskId, deadline, variant: 'baseline', lines: 10 } as const;
    const by = { kind: 'user', id: 'u1' } as const;
    const message: TaskMessage = { op: 'request', at: systemClock.iso(), by, task: body };
    asked.push(taskId);
    const payload = new TextEncoder().encode(JSON.stringify(message));
    await house.services.publisher.publish(subjects.task(tenant, host.id), payload);
  };
  const isDone = async (id: string) =>
    (await house.source.getRepository(task).findOneBy({ tenant, id: id as AggregateId }))?.phase === 'done';
  const work = async (name: string) => {
    for (let i = 0; i < 10; i++) {
      await host.tell({ kind: 'task-progress', at: systemClock.iso(), taskId: 't0', note: `${name} ${i}` });
      await host.meter(`${name} ${i}`, 'e1');
    }
  };
  const isDrained = () => host.outbox.status().results === 0 && host.outbox.status().metrics === 0;
  const numbers = (messages: readonly StoredMessage[]) =>
    messages.map(({ header }) => Number(header(OUTBOX_HEADERS.n)));
  const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

  it(
    'loses and doubles nothing, neither what it says nor what it is told',
    async () => {
      await soon(() => used.at(-1) === 'leaf', 'the leaf');
      await startExperiment(house, 'e1', [host.id]);
      await ask('t0');
      await soon(() => isDone('t0'), 'the first task');
      for (let round = 1; round <= ROUNDS; round++) {
        const over = work(`before ${round}`);
        await leaf.kill();
        await over;
        await work(`without ${round}`);
        await ask(`cut-${round}`);
        await soon(() => used.at(-1) === 'http', 'the HTTP door');
        await work(`over HTTP ${round}`);
        await soon(() => isDone(`cut-${round}`), 'the task of the cut');
        await ask(`http-${round}`);
        await soon(() => isDone(`http-${round}`), 'the task over HTTP');
        const returning = work(`on the way back ${round}`);
        leaf = await leafOf(house, enrolment, leaf.port);
        await returning;
        await soon(() => used.at(-1) === 'leaf', 'the way back');
        await work(`back ${round}`);
        await ask(`back-${round}`);
        await soon(() => isDone(`back-${round}`), 'the task after the return');
      }
      await soon(isDrained, 'everything to be acknowledged');

      expect(used).toEqual(['leaf', ...Array.from({ length: ROUNDS }, () => ['http', 'leaf']).flat()]);
      const results = (await messagesOf(house, 'UPLINK', host.id)).filter(firstOfItsNumber);
      expect(numbers(results)).toEqual(upTo(results.length));
      expect(results).toHaveLength(asked.length + ROUNDS * 50);
      const windows = (await messagesOf(house, 'METRICS', host.id)).filter(firstOfItsNumber);
      expect(numbers(windows)).toEqual(upTo(ROUNDS * 50));

      const taken = () =>
        house.source.getRepository(uplinkCursor).findOneBy({ host: host.id, epoch: host.outbox.epoch });
      await soon(async () => (await taken())?.n === results.length, 'the ingest');
      expect(await house.source.getRepository(outboxGap).countBy({ host: host.id })).toBe(0);
      const effects = host.effects.map(({ taskId }) => taskId);
      expect(effects.slice(1)).toEqual(asked);
      expect(host.effects[0]).toEqual(host.journal.desired);
      const accepted = host.replies.filter(({ status }) => status === 'accepted');
      expect(accepted.map(({ taskId }) => taskId)).toEqual(effects);
    },
    4 * PATIENCE_MS,
  );
});

/** An answer that got lost makes the host send a message again, under its number, by which everybody knows it. */
function firstOfItsNumber({ header }: StoredMessage, index: number, all: readonly StoredMessage[]): boolean {
  const n = header(OUTBOX_HEADERS.n);
  return all.findIndex((other) => other.header(OUTBOX_HEADERS.n) === n) === index;
}
