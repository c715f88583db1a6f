import { createHash } from 'node:crypto';
import {
  HTTP_DOOR_PATHS,
  OUTBOX_HEADERS,
  RECORDING_PART_BYTES,
  UPLINK_MEDIA_TYPE,
  type OneShotTask,
  type RecordingPart,
  type TaskResult,
  type UplinkMessage,
} from '#lib/agent-protocol';
import { MAX_PENDING_BYTES, recordingPart, task, type TaskRow } from '#lib/database';
import { subjects, type AggregateId, type TenantId } from '#lib/events';
import { encodeRecording, syntheticRecording, type RecordingHeader } from '#lib/pipelines';
import { MAX_RECORDINGS, RecordingStore, systemClock } from '#lib/platform';
import { eventually, GatewayHouse, tenant } from '../testing/gateway-house.js';
import { PlayedHost } from '../testing/played-host.js';

const at = systemClock.iso();
const deadline = new Date(Date.now() + 3_600_000).toISOString();

describe('recordings that hosts send in parts', () => {
  let house: GatewayHouse;
  let host: PlayedHost;
  let other: PlayedHost;
  let store: RecordingStore;

  beforeAll(async () => {
    house = await GatewayHouse.open(4);
    host = await PlayedHost.connect(house, await house.enrolled('web-1'));
    other = await PlayedHost.connect(house, await house.enrolled('web-2'));
    store = new RecordingStore(house.services, systemClock);
  }, 120_000);
  afterAll(async () => {
    await host.stop();
    await other.stop();
    await house.close();
  });
  beforeEach(async () => {
    for (const { id } of await store.list(tenant)) await store.remove(tenant, id);
  });

  const rowOf = async (id: string): Promise<TaskRow | null> =>
    house.source.getRepository(task).findOneBy({ tenant, id: id as AggregateId });
  const reached = (id: string, phase: TaskRow['phase']) =>
    eventually(async () => {
      host.beat();
      expect((await rowOf(id))?.phase).toBe(phase);
    });
  const ask = async (
    taskId: string,
    to: string = host.id,
    kind: 'RecordMetrics' | 'CollectLogs' = 'RecordMetrics',
    until = deadline,
  ) => {
    const body: OneShotTask =
      kind === 'RecordMetrics'
        ? { kind, taskId, deadline: until, seconds: 10, collector: { configHash: 'c', rendered: {} } }
        : { kind, taskId, deadline: until, variant: 'baseline', lines: 10 };
    const message = { op: 'request', at, by: { kind: 'user', id: 'u1' }, task: body };
    const bytes = new TextEncoder().encode(JSON.stringify(message));
    await house.services.publisher.publish(subjects.task(tenant, to as PlayedHost['id']), bytes);
    await eventually(async () => expect(await rowOf(taskId)).not.toBeNull());
  };
  /** Two parts and more, made up, as this host would have captured them. */
  const captured = (header: Partial<RecordingHeader> = {}): Uint8Array => {
    const made = syntheticRecording({ ...fleet }, { tenant, createdAt: at });
    const hosts = made.header.hosts;
    const own = { kind: 'captured', hosts: [host.id], ...header } as const;
    const windows = made.windows.map((window) => ({
      ...window,
      exports: window.exports.map((one) => ({ ...one, host: own.hosts[hosts.indexOf(one.host)]! })),
    }));
    return encodeRecording({ header: { ...made.header, ...own }, windows });
  };
  const partsOf = (taskId: string, content: Uint8Array): readonly RecordingPart[] =>
    Array.from({ length: Math.ceil(content.length / RECORDING_PART_BYTES) }, (_, part) => ({
      ...{ kind: 'recording-part', at, taskId, part },
      data: Buffer.from(
        content.subarray(part * RECORDING_PART_BYTES, (part + 1) * RECORDING_PART_BYTES),
      ).toString('base64'),
    }));
  const done = (taskId: string, content: Uint8Array): TaskResult => ({
    ...{ kind: 'task-result', at, taskId, outcome: 'done' },
    detail: JSON.stringify({
      ...{ kind: 'recording', windows: 6, intervalSeconds: 10, points: 1, series: 1, endedEarly: null },
      ...{ bytes: content.length, parts: partsOf(taskId, content).length, recording: null },
      sha256: createHash('sha256').update(content).digest('hex'),
    }),
  });
  const tellAll = async (messages: readonly UplinkMessage[], by = host) => {
    for (const message of messages) await by.tell(message);
  };
  const pending = () => house.source.getRepository(recordingPart).count();
  const kept = async () => (await store.list(tenant)).map(({ id }) => id);

  it('are kept as a whole under the id that the result tells, however often it is told', async () => {
    const content = captured();
    expect(partsOf('whole', content).length).toBeGreaterThan(2);
    await ask('whole');
    await tellAll(partsOf('whole', content));
    await eventually(async () => expect(await pending()).toBe(partsOf('whole', content).length));
    expect(await kept()).toEqual([]);
    await host.tell(done('whole', content));
    await host.tell(done('whole', content), true);
    await reached('whole', 'done');
    const { recording } = JSON.parse((await rowOf('whole'))!.detail!) as { recording: string };
    expect(await kept()).toEqual([recording]);
    expect(await store.read(tenant, recording)).toEqual(new Uint8Array(content));
    expect(await store.read('other' as TenantId, recording)).toBeUndefined();
    expect(await pending()).toBe(0);
    // A second result of the same task says nothing new, whatever it says.
    await tellAll([...partsOf('whole', content), done('whole', content)]);
    await ask('after');
    await host.tell({ ...done('after', content), outcome: 'failed', detail: 'no' });
    await reached('after', 'failed');
    expect([await kept(), await pending()]).toEqual([[recording], 0]);
  });

  it('arrive once when the gateway stops amid them, and over HTTP as over NATS', async () => {
    const content = captured();
    await ask('halves');
    const [first, ...others] = partsOf('halves', content);
    await host.tell(first!);
    await house.stopGateway();
    await tellAll([first!, ...others, done('halves', content)]);
    await house.startGateway();
    await reached('halves', 'done');
    expect(await kept()).toHaveLength(1);

    const { host: id, httpCredential } = await house.enrolled('web-3');
    const theirs = captured({ hosts: [id] });
    await ask('by-http', id);
    let n = 0;
    for (const message of [...partsOf('by-http', theirs), done('by-http', theirs)]) {
      const numbers = { [OUTBOX_HEADERS.epoch]: 'e1', [OUTBOX_HEADERS.n]: String(++n) };
      const answer = await fetch(`${house.url}/api/v1/${HTTP_DOOR_PATHS.results}`, {
        method: 'POST',
        headers: {
          ...{ authorization: `Bearer ${httpCredential}`, 'content-type': UPLINK_MEDIA_TYPE },
          ...numbers,
        },
        body: JSON.stringify(message),
      });
      expect(answer.status).toBe(200);
    }
    await reached('by-http', 'done');
    expect(await kept()).toHaveLength(2);
  });

  it.each<[string, (content: Uint8Array, id: string) => readonly UplinkMessage[], RegExp]>([
    ['a part is missing', (all, id) => [...partsOf(id, all).slice(1), done(id, all)], /only 0 of its/],
    ['the last is missing', (all, id) => [...partsOf(id, all).slice(0, -1), done(id, all)], /parts are here/],
    [
      'a part is another',
      (all, id) => [
        ...partsOf(id, all).map((one) => (one.part === 1 ? { ...one, data: 'AAAA' } : one)),
        done(id, all),
      ],
      /not those that the host announced/,
    ],
    [
      'it is no recording',
      (_all, id) => {
        const noise = Buffer.alloc(1000, 7);
        return [...partsOf(id, noise), done(id, noise)];
      },
      /not-a-recording/,
    ],
    [
      'it says that it is of another tenant',
      (_all, id) => {
        const strange = captured({ tenant: 'other' });
        return [...partsOf(id, strange), done(id, strange)];
      },
      /somewhere else/,
    ],
    [
      'it says that it is of another host',
      (_all, id) => {
        const strange = captured({ hosts: ['h-other'] });
        return [...partsOf(id, strange), done(id, strange)];
      },
      /somewhere else/,
    ],
  ])('make the task fail, and leave nothing, when %s', async (what, messagesOf, reason) => {
    const id = `bad-${createHash('sha256').update(what).digest('hex').slice(0, 8)}`;
    await ask(id);
    await tellAll(messagesOf(captured(), id));
    await reached(id, 'failed');
    expect((await rowOf(id))?.detail).toMatch(/^the recording was not kept: /);
    expect((await rowOf(id))?.detail).toMatch(reason);
    expect([await kept(), await pending()]).toEqual([[], 0]);
  });

  it.each(['failed', 'cancelled'] as const)('are thrown away when the task is %s', async (outcome) => {
    await ask(`over-${outcome}`);
    await tellAll(partsOf(`over-${outcome}`, captured()));
    await host.tell({ kind: 'task-result', at, taskId: `over-${outcome}`, outcome, detail: '' });
    await reached(`over-${outcome}`, outcome);
    expect([await kept(), await pending()]).toEqual([[], 0]);
  });

  it('are of no host and no task but the one that was asked', async () => {
    const content = captured();
    await ask('mine');
    await ask('logs', host.id, 'CollectLogs');
    // Another host speaks for this one's task, and this one makes up tasks.
    await tellAll([...partsOf('mine', content), done('mine', content)], other);
    await tellAll([...partsOf('logs', content), ...partsOf('nowhere', content), done('nowhere', content)]);
    await host.tell(done('logs', content));
    await reached('logs', 'done');
    await ask('barrier', other.id);
    await other.tell({ ...done('barrier', content), outcome: 'failed', detail: 'no' });
    await reached('barrier', 'failed');
    expect([await kept(), await pending()]).toEqual([[], 0]);
    expect(['requested', 'offered', 'accepted']).toContain((await rowOf('mine'))?.phase);
    await tellAll([...partsOf('mine', content), done('mine', content)]);
    await reached('mine', 'done');
    expect(await kept()).toHaveLength(1);
  });

  it('are not kept where the tenant has no room for them', async () => {
    const view = {
      kind: 'captured',
      ...{ source: 's', createdAt: at, expiresAt: deadline, durationSeconds: 1 },
      ...{ intervalSeconds: 1, hosts: 1, points: 1, series: 1, bytes: 1 },
    } as const;
    for (let n = 0; n < MAX_RECORDINGS; n++)
      await store.save(tenant, { id: `rec-${n}`, ...view }, Buffer.from('x'));
    const content = captured();
    await ask('full');
    await tellAll([...partsOf('full', content), done('full', content)]);
    await reached('full', 'failed');
    expect((await rowOf('full'))?.detail).toContain('as many recordings as it may');
    expect([(await kept()).length, await pending()]).toEqual([MAX_RECORDINGS, 0]);
  });

  it('are not waited for where the host never came', async () => {
    const { host: away } = await house.enrolled('web-4');
    await ask('away', away, 'RecordMetrics', new Date(Date.now() + 1_000).toISOString());
    await reached('away', 'expired');
    expect([await kept(), await pending()]).toEqual([[], 0]);
  });

  it('count also when they come after the task was given up for lost', async () => {
    const content = captured();
    await ask('late', host.id);
    await house.source.query(`UPDATE task SET phase = 'expired', ended_at = now() WHERE id = 'late'`);
    await tellAll([...partsOf('late', content), done('late', content)]);
    await reached('late', 'done');
    expect(await kept()).toHaveLength(1);
  });

  it('wait in a bounded room, from which the abandoned go', async () => {
    await house.source.query(
      `INSERT INTO recording_part (tenant, task_id, part, host, content, received_at)
       SELECT $1, 'left', 0, 'h', convert_to(repeat('x', $2::integer), 'UTF8'), now()`,
      [tenant, MAX_PENDING_BYTES],
    );
    const content = captured();
    await ask('crowded');
    await tellAll([...partsOf('crowded', content), done('crowded', content)]);
    await reached('crowded', 'failed');
    expect((await rowOf('crowded'))?.detail).toContain('only 0 of its');
    expect(await pending()).toBe(1);
    await house.source.query(`UPDATE recording_part SET received_at = now() - interval '2 hours'`);
    await eventually(async () => expect(await pending()).toBe(0));
  });
});

const fleet = {
  ...{ hosts: 1, processes: 600, seed: 1, seconds: 60, intervalSeconds: 10, churn: 1 },
} as const;
