import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Msg } from '@nats-io/transport-node';
import { hostSubjects, OUTBOX_HEADERS, type CollectLogs, type HandOverReply } from '#lib/agent-protocol';
import { streams } from '#lib/events';
import { applyTopology, mintHostCreds, type Nats } from '#lib/platform';
import { connectTestNats, eventually } from '#lib/platform-testing';
import {
  freePort,
  resolveNatsServer,
  startHub,
  startTestParts,
  type Hub,
  type TestParts,
} from '#tools/embedded';
import { systemClock as clock } from '../clock.js';
import { TaskJournal } from '../journal/task-journal.js';
import type { Link } from '../link/door.js';
import { openLink } from '../link/link.js';
import { drainLane } from '../outbox/drain-lane.js';
import { Outbox } from '../outbox/outbox.js';
import { heartbeatPause, runSession } from './session.js';

const TENANT = 'acme';
const HOST = 'h1';
const PATIENCE_MS = 120_000;
const subjects = hostSubjects(TENANT, HOST);
const log = { info: () => undefined, warn: () => undefined };
const identity = { tenant: TENANT, host: HOST, bootId: 'boot-1', epoch: 'epoch-1', agentVersion: '1.2.3' };
const task: CollectLogs = {
  ...{ kind: 'CollectLogs', taskId: 'logs-1', deadline: '2026-01-01T00:00:00.000Z' },
  ...{ variant: 'baseline', lines: 10 },
};

describe('the agent’s side of a real hub', () => {
  const stop = new AbortController();
  const heard = new Map<string, Msg[]>();
  const running: Promise<void>[] = [];
  let parts: TestParts<{ hub: true }>;
  let hub: Hub;
  let nats: Nats;
  let creds: string;
  let link: Link;
  let outbox: Outbox;
  let journal: TaskJournal;

  const dialled = (url: string): Link =>
    openLink({
      ...{ url, identity: { creds }, inboxPrefix: subjects.inboxPrefix },
      ...{ name: 'agent', clock, log },
    });
  const listen = (subject: string): void => {
    heard.set(subject, []);
    nats.connection.subscribe(subject, {
      callback: (_error, message) => void heard.get(subject)?.push(message),
    });
  };
  const last = (subject: string): unknown => heard.get(subject)?.at(-1)?.json();
  const keep = (text: string): Promise<number> =>
    outbox.append('results', {
      ...{ subject: subjects.uplink('attempt'), headers: {}, body: new TextEncoder().encode(text) },
    });

  /** Hands text over as a gateway does, again and again until there is an answer. */
  async function handOver(text: string, taskId: string): Promise<HandOverReply | undefined> {
    const subject = subjects.reply(taskId);
    const replies = heard.get(subject)?.length ?? 0;
    if (!heard.has(subject)) listen(subject);
    await eventually(
      () => {
        nats.connection.publish(subjects.task, text);
        return (heard.get(subject)?.length ?? 0) > replies;
      },
      `a reply to ${taskId}`,
      PATIENCE_MS,
    );
    return heard.get(subject)?.[replies]?.json<HandOverReply>();
  }

  /** The numbers of all stored messages in the order in which they came, and what each says. */
  async function stored(): Promise<readonly (readonly [number, string])[]> {
    const { streams: api } = await nats.manager();
    const { state } = await api.info('UPLINK');
    const all: [number, string][] = [];
    for (let seq = state.first_seq; seq <= state.last_seq && seq > 0; seq++) {
      const message = await api.getMessage('UPLINK', { seq });
      if (message !== null) all.push([Number(message.header.get(OUTBOX_HEADERS.n)), message.string()]);
    }
    return all;
  }

  beforeAll(async () => {
    parts = await startTestParts({ hub: true });
    hub = parts.hub;
    nats = await connectTestNats(hub, parts.dir);
    await applyTopology(nats, streams);
    ({ creds } = await mintHostCreds(hub.security, { tenant: TENANT, host: HOST }));
    [subjects.hello, subjects.heartbeat].forEach(listen);
    await nats.connection.flush();
    journal = await TaskJournal.open(join(parts.dir, 'journal'));
    outbox = await Outbox.open({
      folder: join(parts.dir, 'outbox'),
      gapMessage: () => ({ subject: subjects.uplink('outbox-gap'), headers: {}, body: new Uint8Array() }),
    });
    link = dialled(hub.url);
    // Else the first heartbeat finds no link, and the next one is ten seconds away.
    await eventually(() => link.isConnected(), 'the link', PATIENCE_MS);
    const vitals = () =>
      Promise.resolve({
        agent: { cpuPercent: 1, rssBytes: 2 },
        outbox: { results: outbox.status().results, metrics: 0 },
        collectors: [],
      });
    const generation = (): number => journal.generation;
    const accept = journal.accept.bind(journal);
    running.push(runSession({ identity, link, clock, log, generation, vitals, accept }, stop.signal));
  }, PATIENCE_MS);

  afterAll(async () => {
    stop.abort();
    await Promise.all(running);
    await link.close();
    await nats.drain();
    await hub.stop();
    await parts.stop();
  }, PATIENCE_MS);

  it('says hello when it is connected, and gives signs of life', async () => {
    await eventually(
      () => last(subjects.hello) !== undefined && last(subjects.heartbeat) !== undefined,
      'hello and a heartbeat',
      PATIENCE_MS,
    );

    expect(last(subjects.hello)).toMatchObject({
      protocol: 1,
      host: HOST,
      bootId: 'boot-1',
      generation: 0,
    });
    expect(last(subjects.heartbeat)).toMatchObject({
      host: HOST,
      agent: { cpuPercent: 1, rssBytes: 2 },
    });
    expect(link.isConnected()).toBe(true);
    await eventually(() => link.about()?.rttMs !== undefined, 'a round trip', PATIENCE_MS);
    expect(link.about()).toMatchObject({ door: 'nats', server: expect.stringMatching(/./) as string });
  });

  it('spreads its heartbeats, and is never later than it said', () => {
    expect([0, 0.5, 1].map(heartbeatPause)).toEqual([10_000, 9_000, 8_000]);
  });

  it('answers a task once it is on disk, and knows it again', async () => {
    expect(await handOver(JSON.stringify(task), task.taskId)).toMatchObject({ taskId: task.taskId });
    expect(readFileSync(join(parts.dir, 'journal', 'tasks.json'), 'utf8')).toContain(task.taskId);
    expect(await handOver(JSON.stringify(task), task.taskId)).toMatchObject({ status: 'duplicate' });
  });

  it('refuses what comes from a gateway that has lost the host to another', async () => {
    const from = (session: unknown, taskId: string) =>
      handOver(JSON.stringify({ ...task, taskId, session }), taskId);
    expect(await from(5, 'of-5')).toMatchObject({ status: 'accepted' });
    expect(await from(4, 'of-4')).toEqual({ taskId: 'of-4', status: 'fenced' });
    expect(await from('newest', 'of-none')).toMatchObject({ status: 'rejected' });
  });

  it('refuses a task that it does not understand by its id, and goes on after text that is none', async () => {
    nats.connection.publish(subjects.task, 'no JSON at all');
    nats.connection.publish(subjects.task, JSON.stringify({ kind: 'Dance', taskId: 'not in a subject.>' }));

    expect(await handOver(JSON.stringify({ kind: 'Dance', taskId: 'later' }), 'later')).toEqual({
      taskId: 'later',
      status: 'rejected',
      reason: expect.stringMatching(/^unknown task: kind /) as string,
    });
  });

  it('sends nothing while nobody is there, and keeps it', async () => {
    const nowhere = dialled(`nats://127.0.0.1:${await freePort()}`);

    await expect(
      nowhere.publishAcked(subjects.uplink('attempt'), new Uint8Array(), {}),
    ).rejects.toMatchObject({
      code: 'not-connected',
    });
    expect(nowhere.isConnected()).toBe(false);
    expect(nowhere.about()).toBeUndefined();
    await nowhere.close();
  });

  it(
    'delivers everything in its order though the hub is killed in between, and hears again',
    async () => {
      const publish = link.publishAcked;
      running.push(drainLane({ outbox, lane: 'results', publish, clock, log }, stop.signal));
      await keep('one');
      await keep('two');
      await eventually(() => outbox.status().results === 0, 'the first two to be stored', PATIENCE_MS);
      // The hello itself may find nobody: whoever listens has to come back as well.
      let connects = 0;
      link.onConnect(() => (connects += 1));
      await hub.kill();
      await eventually(() => !link.isConnected(), 'the link to notice', PATIENCE_MS);
      await keep('three');
      await keep('four');
      expect(outbox.status()).toMatchObject({ results: 2 });
      const { path: natsServer } = await resolveNatsServer(() => undefined);
      hub = await startHub({ dir: join(parts.dir, 'hub'), natsServer, ports: hub.ports });
      // Another connection: that of the test comes back too, but nobody says when.
      await nats.connection.close();
      await nats.drain();
      nats = await connectTestNats(hub, parts.dir);
      heard.clear();
      await eventually(() => outbox.status().results === 0, 'the rest to be stored', PATIENCE_MS);

      // An unanswered message is sent again under its number, by which the ingest knows it.
      const once = (await stored()).filter(([n], index, all) => n !== all[index - 1]?.[0]);
      expect(once).toEqual([
        [1, 'one'],
        [2, 'two'],
        [3, 'three'],
        [4, 'four'],
      ]);
      expect(connects).toBe(2);
      expect(await handOver(JSON.stringify(task), task.taskId)).toMatchObject({ status: 'duplicate' });
    },
    3 * PATIENCE_MS,
  );
});
