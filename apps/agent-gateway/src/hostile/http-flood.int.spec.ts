import { HTTP_DOOR_PATHS, OUTBOX_HEADERS, UPLINK_MEDIA_TYPE, type EnrolResponse } from '#lib/agent-protocol';
import { task } from '#lib/database';
import { subjects, type AggregateId, type TaskMessage } from '#lib/events';
import { systemClock } from '#lib/platform';
import { eventually } from '#lib/platform-testing';
import { CoreHost } from '../testing/core-host.js';
import { overHttp } from '../testing/door-keys.js';
import { GatewayHouse, tenant } from '../testing/gateway-house.js';
import { messagesOf } from '../testing/stored-messages.js';

const PATIENCE_MS = 180_000;
const REPORTS = 50;
const BACKLOG = 150;
const soon = (condition: () => boolean | Promise<boolean>, what: string) =>
  eventually(condition, what, PATIENCE_MS);

describe('a host that floods the HTTP door', () => {
  let house: GatewayHouse;
  let thief: EnrolResponse;
  let victim: CoreHost;
  const stopAll = new AbortController();

  beforeAll(async () => {
    house = await GatewayHouse.open(3);
    thief = await house.enrolled('flooder');
    const enrolment = await house.enrolled('victim');
    victim = await CoreHost.open(house, enrolment, overHttp(house, enrolment)());
    await soon(() => victim.link.isConnected(), 'the victim');
  }, PATIENCE_MS);
  afterAll(async () => {
    stopAll.abort();
    await victim.stop();
    await house.close();
  }, PATIENCE_MS);

  const limited = () => house.counted('phoenix_gateway_rate_limited_total', 'kind="http-request"');
  const send = (credential: string | undefined, n: number) =>
    fetch(`${house.url}/api/v1/${HTTP_DOOR_PATHS.metrics}`, {
      method: 'POST',
      headers: {
        'content-type': UPLINK_MEDIA_TYPE,
        authorization: `Bearer ${String(credential)}`,
        [OUTBOX_HEADERS.epoch]: 'e9',
        [OUTBOX_HEADERS.n]: String(n),
      },
      body: 'x',
    });
  /** Sends with a host's credential as fast as it can. */
  const flood = ({ httpCredential }: EnrolResponse) => {
    const over = new AbortController();
    const stop = AbortSignal.any([over.signal, stopAll.signal]);
    const refusals: (readonly [string | null, unknown])[] = [];
    let sent = 0;
    const loop = async () => {
      while (!stop.aborted) {
        const answer = await send(httpCredential, (sent += 1));
        const text = await answer.text();
        if (answer.status === 429)
          refusals.push([answer.headers.get('retry-after'), (JSON.parse(text) as { code: string }).code]);
      }
    };
    const loops = Array.from({ length: 8 }, loop);
    return {
      refusals,
      /** @returns how much was sent in all */
      end: async () => {
        over.abort();
        await Promise.all(loops);
        return sent;
      },
    };
  };
  const tell = (host: CoreHost, note: string) =>
    host.tell({ kind: 'task-progress', at: systemClock.iso(), taskId: 't1', note });

  it(
    'is told to wait, and leaves others all that they may',
    async () => {
      const { end, refusals } = flood(thief);
      await soon(() => refusals.length > 100, 'refusals');
      const by = { kind: 'user', id: 'u1' } as const;
      const deadline = '2999-01-01T00:00:00.000Z';
      const body = { kind: 'CollectLogs', taskId: 't1', deadline, variant: 'baseline', lines: 10 } as const;
      const message: TaskMessage = { op: 'request', at: systemClock.iso(), by, task: body };
      const asked = new TextEncoder().encode(JSON.stringify(message));
      await house.services.publisher.publish(subjects.task(tenant, victim.id), asked);
      for (let i = 0; i < REPORTS; i++) await tell(victim, String(i));
      await soon(() => victim.outbox.status().results === 0, 'the reports of the victim');
      const phase = async () =>
        (await house.source.getRepository(task).findOneBy({ tenant, id: 't1' as AggregateId }))?.phase;
      await soon(async () => (await phase()) === 'done', 'the task of the victim');
      const n = await end();

      expect(new Set(refusals.map(([after, code]) => `${after} ${String(code)}`))).toEqual(
        new Set(['1 too-many-requests']),
      );
      expect(await limited()).toBeGreaterThanOrEqual(refusals.length);
      // What was refused was not taken.
      expect((await messagesOf(house, 'METRICS', thief.host)).length).toBe(n - refusals.length);
    },
    2 * PATIENCE_MS,
  );

  it(
    'costs what else goes under the same credential time, and no report',
    async () => {
      const enrolment = await house.enrolled('busy');
      const busy = await CoreHost.open(house, enrolment, overHttp(house, enrolment)());
      const { end, refusals } = flood(enrolment);
      await soon(() => refusals.length > 0, 'the limit of this host');
      for (let i = 0; i < BACKLOG; i++) await tell(busy, String(i));
      await soon(() => refusals.length > 100, 'refusals');
      await end();
      await soon(() => busy.outbox.status().results === 0, 'the backlog');
      const numbers = (await messagesOf(house, 'UPLINK', busy.id)).map(({ header }) =>
        Number(header(OUTBOX_HEADERS.n)),
      );
      expect(numbers).toEqual(Array.from({ length: BACKLOG }, (_, i) => i + 1));
      await busy.stop();
    },
    2 * PATIENCE_MS,
  );
});
