import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  drainLane,
  openDoors,
  openHttpLink,
  openLink,
  Outbox,
  runSession,
  systemClock,
  TaskJournal,
  type Door,
  type OutboxMessage,
} from '#lib/agent-core';
import { hostSubjects, type DownTask, type HandOverReply, type OutboxGap } from '#lib/agent-protocol';
import { Ingress } from '../../ingress/ingress.js';
import { CollectorUsage } from '../../meter/collector-usage.js';
import { Metering } from '../../meter/metering.js';
import { teller } from '../../reconcile/attempts.js';
import { reconciliation } from '../../run/reconciliation.js';
import { TaskRunner } from '../../tasks/task-runner.js';
import { CrashPoint } from './crash-point.js';
import { Diary } from './diary.js';
import { runLoad } from './load.js';
import { RecordedEngine } from './recorded-engine.js';
import { recordedTools } from './recorded-tools.js';
import { crashSchema, readSettings, type DoorSettings, type RecordedSettings } from './settings.js';
import { watchedDisk } from './watched-disk.js';

/**
 * An agent without collectors: outbox, journal, session, doors, reconciler and task runner are the agent's own, and
 * what they bring about is written to a diary. `main.js <settings file> [<crash as JSON>]`
 */
const clock = systemClock;
const log = {
  info: (fields: object, message: string): void => say('info', message, fields),
  warn: (fields: object, message: string): void => say('warn', message, fields),
};

function say(level: string, message: string, fields: object): void {
  process.stdout.write(`${JSON.stringify({ level, at: clock.iso(), message, ...fields })}\n`);
}

async function main(settings: RecordedSettings, crash: CrashPoint, signal: AbortSignal): Promise<void> {
  const { folder, host, tenant } = settings;
  const boot = randomUUID();
  const diary = new Diary(settings.diary, { host, boot }, clock);
  const disk = watchedDisk(diary, crash);
  const outbox = await Outbox.open({
    folder: join(folder, 'outbox'),
    gapMessage: (gap) => gapMessage(settings, gap),
    ...{ metricsCapBytes: settings.metricsCapBytes, segmentBytes: settings.segmentBytes, disk },
  });
  const journal = await TaskJournal.open(join(folder, 'journal'), disk);
  diary.begin(outbox.epoch);
  crash.arm();
  const tell = teller(outbox, { tenant, host }, { clock, log });
  const metering = new Metering(host, clock);
  const { fleet, reconciler } = reconciliation({
    ...{ journal, engine: new RecordedEngine(metering, clock), metering },
    ...{ usage: new CollectorUsage(), ingress: new Ingress({ clock, log }), tell, clock, log },
  });
  const { effectMs, holdFile } = settings;
  const tools = recordedTools({ folder, journal, diary, crash, clock, effectMs, holdFile });
  const tasks = new TaskRunner({ ...tools, identity: { tenant, host }, journal, tell, log });
  const accept = async (task: DownTask, session?: number): Promise<HandOverReply> => {
    const reply = await journal.accept(task, session);
    diary.note({ type: 'handed', ...taskFacts(task), status: reply.status });
    if (reply.status !== 'accepted' || task.kind === 'RotateCredential') return reply;
    if (task.kind === 'ApplyCollectors') reconciler.orderArrived();
    else tasks.arrived(task);
    return reply;
  };
  const link = openDoors({ doors: doorsOf(settings), clock, log });
  const publish = link.publishAcked;
  const identity = { tenant, host, bootId: boot, epoch: outbox.epoch, agentVersion: '0.1.0' };
  const vitals = () => {
    const { dropped, metrics, results } = outbox.status();
    const agent = { cpuPercent: 0, rssBytes: process.memoryUsage.rss() };
    return Promise.resolve({ agent, outbox: { results, metrics, dropped }, collectors: fleet.statuses() });
  };
  const generation = (): number => journal.generation;
  await Promise.all([
    reconciler.run(signal),
    tasks.run(signal),
    runSession({ identity, link, clock, log, generation, vitals, accept }, signal),
    drainLane({ outbox, lane: 'results', publish, clock, log }, signal),
    drainLane({ outbox, lane: 'metrics', publish, clock, log }, signal),
    runLoad({ outbox, tell, settings, clock }, signal),
  ]);
  await link.close();
  diary.note({ type: 'stopped' });
}

function taskFacts(task: DownTask) {
  const { kind, taskId } = task;
  if (task.kind === 'ApplyCollectors') return { kind, taskId, generation: task.generation };
  return task.kind === 'CancelTask' ? { kind, taskId, cancels: task.cancels } : { kind, taskId };
}

function gapMessage(
  { host, tenant }: RecordedSettings,
  { fromN, toN }: { readonly fromN: number; readonly toN: number },
): OutboxMessage {
  const body: OutboxGap = { kind: 'outbox-gap', at: clock.iso(), fromN, toN };
  const subject = hostSubjects(tenant, host).uplink(body.kind);
  return { subject, headers: {}, body: new TextEncoder().encode(JSON.stringify(body)) };
}

function doorsOf(settings: RecordedSettings): readonly [Door, ...Door[]] {
  const [best, ...others] = settings.doors;
  return [doorOf(settings, best), ...others.map((door) => doorOf(settings, door))];
}

function doorOf({ host, tenant }: RecordedSettings, door: DoorSettings): Door {
  const { name, url } = door;
  if (door.kind === 'http')
    return { name, open: () => openHttpLink({ url, credential: door.credential, tenant, host, clock, log }) };
  const { inboxPrefix } = hostSubjects(tenant, host);
  const { creds, password = '', user = '' } = door;
  const identity = creds === undefined ? { user, password } : { creds };
  return { name, open: () => openLink({ url, identity, inboxPrefix, name: host, clock, log }) };
}

const [settingsFile = '', crash] = process.argv.slice(2);
const ending = new AbortController();
process.once('SIGTERM', () => ending.abort());
await main(
  await readSettings(settingsFile),
  new CrashPoint(crash === undefined ? undefined : crashSchema.parse(JSON.parse(crash))),
  ending.signal,
);
process.exit(0);
