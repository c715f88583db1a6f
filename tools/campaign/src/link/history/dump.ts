import { createHash } from 'node:crypto';
import { OUTBOX_HEADERS } from '#lib/agent-protocol';
import { hostAttempt, hostView, outboxGap, task, taskStage, uplinkCursor } from '#lib/database';
import { decodeCommit, parseHostSubject, position } from '#lib/events';
import { readHistory, type Nats, type StoredMessage } from '#lib/platform';
import { tenant, type CampaignHouse, type Database } from '../parts/house.js';
import type { HistoryLine, LineOf } from './lines.js';

/** Everything that the control plane holds of the hosts, as lines of a history. */
export async function dump({ database, nats }: CampaignHouse): Promise<readonly HistoryLine[]> {
  return [
    ...(await storedIn(nats, 'UPLINK', `up.${tenant}.>`)),
    ...(await storedIn(nats, 'METRICS', `met.*.${tenant}.>`)),
    ...(await wants(nats)),
    ...(await attemptRows(database)),
    ...(await ingestRows(database)),
    ...(await taskRows(database)),
    ...(await hostEvents(nats)),
    ...(await presenceEvents(nats)),
  ];
}

async function storedIn(nats: Nats, stream: 'UPLINK' | 'METRICS', subject: string) {
  return (await readHistory(nats, { stream, subject, after: 0 })).map((message) => stored(stream, message));
}

function stored(stream: 'UPLINK' | 'METRICS', message: StoredMessage): LineOf<'stored'> {
  return {
    type: 'stored',
    at: message.header('Nats-Time-Stamp') ?? '',
    stream,
    host: parseHostSubject(message.subject)?.host ?? message.subject,
    epoch: message.header(OUTBOX_HEADERS.epoch) ?? '',
    n: Number(message.header(OUTBOX_HEADERS.n) ?? 0),
    sequence: message.sequence,
    hash: createHash('sha256').update(message.data).digest('hex'),
  };
}

/** The newest desired state of each host. */
export async function wants(nats: Nats): Promise<readonly LineOf<'want'>[]> {
  const messages = await readHistory(nats, { stream: 'WANT', subject: `want.${tenant}.*`, after: 0 });
  return messages.map(({ data, subject }) => {
    const want = JSON.parse(new TextDecoder().decode(data)) as WantBody;
    const configs = want.collectors.map(({ configHash, variant }) => `${variant} ${configHash}`).sort();
    const host = subject.split('.').at(-1) ?? '';
    const { experimentId, generation } = want;
    return { type: 'want', host, experimentId, generation, configs };
  });
}

type WantBody = {
  readonly experimentId: string | null;
  readonly generation: number;
  readonly collectors: readonly { readonly variant: string; readonly configHash: string }[];
};

export async function attemptRows(database: Database): Promise<readonly LineOf<'attempt-row'>[]> {
  const rows = await database.getRepository(hostAttempt).findBy({ tenant });
  return rows.map(({ at, collectors, generation, host, stage, taskId }) => {
    const configs = collectors.map(({ configHash, variant }) => `${variant} ${configHash}`).sort();
    return { type: 'attempt-row', at, host, generation, taskId, stage, configs };
  });
}

async function ingestRows(database: Database): Promise<readonly HistoryLine[]> {
  const gaps = await database.getRepository(outboxGap).findBy({ tenant });
  return [
    ...(await cursorRows(database)),
    ...gaps.map(({ epoch, fromN, host, toN }) => ({ type: 'gap-row' as const, host, epoch, fromN, toN })),
  ];
}

export async function cursorRows(database: Database): Promise<readonly LineOf<'cursor-row'>[]> {
  const cursors = await database.getRepository(uplinkCursor).findBy({ tenant });
  return cursors.map(({ epoch, host, lane, n }) => ({ type: 'cursor-row', host, epoch, lane, n }));
}

export async function phaseRows(database: Database): Promise<readonly LineOf<'task-row'>[]> {
  const tasks = await database.getRepository(task).findBy({ tenant });
  return tasks.map(({ cancel, host, id, phase }) => ({ type: 'task-row', host, taskId: id, phase, cancel }));
}

async function taskRows(database: Database): Promise<readonly HistoryLine[]> {
  const stages = await database.getRepository(taskStage).find({ where: { tenant }, order: { id: 'ASC' } });
  return [
    ...(await phaseRows(database)),
    ...stages.map(({ at, stage, taskId }) => ({ type: 'stage-row' as const, at, taskId, stage })),
  ];
}

/** Hosts that the log says were held for offline from that moment on. @param since ISO 8601 */
export async function offlineSince(nats: Nats, since: string): Promise<readonly string[]> {
  const subject = `evt.${tenant}.host.*`;
  const commits = await readHistory(nats, { stream: 'EVENTS', subject, after: 0 });
  return commits
    .map(({ data, sequence }) => decodeCommit(data, position(sequence)))
    .filter(({ at, events }) => at >= since && events.some(({ type }) => type === 'HostWentOffline'))
    .map(({ id }) => id);
}

const STAGES: Readonly<Record<string, string>> = {
  HostConfigurationApplied: 'effective',
  HostConfigurationFailed: 'failed',
  HostFellBack: 'fell-back',
};

/** What the log says of the orders of hosts. */
export async function hostEvents(nats: Nats): Promise<readonly LineOf<'host-event'>[]> {
  return (await hostCommits(nats)).flatMap(({ at, events, id }) =>
    events.flatMap(({ data: facts, type }) => {
      const stage = STAGES[type];
      if (stage === undefined || !('generation' in facts)) return [];
      const { generation } = facts;
      return [{ type: 'host-event' as const, at, host: id, generation, stage }];
    }),
  );
}

const PHASES: Readonly<Record<string, LineOf<'presence-event'>['phase']>> = {
  HostCameOnline: 'online',
  HostBecameSuspect: 'suspect',
  HostWentOffline: 'offline',
};

/** What the log says of the presence of hosts. */
export async function presenceEvents(nats: Nats): Promise<readonly LineOf<'presence-event'>[]> {
  return (await hostCommits(nats)).flatMap(({ at, events, id }) =>
    events.flatMap(({ data: facts, type }) => {
      const phase = PHASES[type];
      if (phase === undefined) return [];
      const session = 'bootId' in facts ? { session: `${facts.bootId} ${facts.agentVersion}` } : {};
      return [{ type: 'presence-event' as const, at, host: id, phase, ...session }];
    }),
  );
}

async function hostCommits(nats: Nats) {
  const subject = `evt.${tenant}.host.*`;
  const commits = await readHistory(nats, { stream: 'EVENTS', subject, after: 0 });
  return commits.map(({ data, sequence }) => decodeCommit(data, position(sequence)));
}

/** What people see of the hosts. */
export async function viewRows(database: Database): Promise<readonly LineOf<'view-row'>[]> {
  const rows = await database.getRepository(hostView).findBy({ tenant });
  return rows.map(({ id, status }) => ({ type: 'view-row', host: id, status }));
}
