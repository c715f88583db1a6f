import { hostDecider, type HostCommand } from '#lib/domain';
import {
  encodeCommit,
  NO_POSITION,
  type Actor,
  type AggregateId,
  type AggregateRef,
  type Commit,
  type HostEvent,
  type Position,
  type TenantId,
} from '#lib/events';
import { CommandHandler, commandIdFrom, JetStreamEventStore, systemClock, type Nats } from '#lib/platform';
import { bench } from '../harness/bench.js';
import { alternate, inLanes, ratePerSecond } from '../harness/rounds.js';
import { withHub } from '../parts/hub.js';

const IN_FLIGHT = 512;
const STEPS_EACH = 4;
const PER_ROUND = IN_FLIGHT * STEPS_EACH;
const actor: Actor = { kind: 'user', id: 'bench' };
const at = '2026-01-01T00:00:00.000Z';

const versus = `raw acknowledged publishes of the same size through the same publisher; ${IN_FLIGHT} in flight on as many aggregates`;

/** How much of what the server acknowledges is left for commits. */
export const eventsBench = bench({
  metrics: {
    'events.append-through-handler': {
      unit: 'commits/s',
      goal: { kind: 'ratio', atLeast: 0.5 },
      what: `Commands of hosts through rules and handler against ${versus}.`,
    },
    'events.append-store': {
      unit: 'commits/s',
      goal: { kind: 'ratio', atLeast: 0.8 },
      what: `The event store alone against ${versus}.`,
    },
  },
  run: () =>
    withHub(async ({ nats }) => {
      const store = new JetStreamEventStore(nats);
      const ceiling = rawPublishes(nats);
      return {
        'events.append-through-handler': await alternate({ subject: await handled(store), ceiling }),
        'events.append-store': await alternate({ subject: appended(store), ceiling }),
      };
    }),
});

const measured = (step: (lane: number, n: number) => Promise<unknown>): Promise<number> =>
  ratePerSecond(PER_ROUND, () => inLanes(IN_FLIGHT, STEPS_EACH, step));

function rawPublishes(nats: Nats): () => Promise<number> {
  const payload = encodeCommit(commitOf(hostRef('raw-000'), 0));
  return () => measured((lane) => nats.publisher.publish(`evt.default.host.raw-${lane}`, payload));
}

async function handled(store: JetStreamEventStore): Promise<() => Promise<number>> {
  const handler = new CommandHandler(store, systemClock);
  let commands = 0;
  const send = (lane: number, command: HostCommand): Promise<unknown> => {
    const commandId = commandIdFrom('bench', String((commands += 1)));
    return handler.handle(hostDecider, hostRef(`handled-${lane}`), command, { commandId, actor });
  };
  await inLanes(IN_FLIGHT, 1, (lane) => send(lane, enrol));
  return () => measured((lane) => send(lane, { type: 'LabelHost', at, labels: labels(commands) }));
}

function appended(store: JetStreamEventStore): () => Promise<number> {
  const last = new Map<number, Position>();
  let commits = 0;
  return () =>
    measured(async (lane) => {
      const commit = commitOf(hostRef(`stored-${lane}`), (commits += 1));
      const { position } = await store.append(commit, last.get(lane) ?? NO_POSITION);
      last.set(lane, position);
    });
}

function hostRef(id: string): AggregateRef<'host'> {
  return { tenant: 'default' as TenantId, aggregate: 'host', id: id as AggregateId };
}

function commitOf(ref: AggregateRef<'host'>, n: number): Commit<'host'> {
  const event: HostEvent = { type: 'HostLabelled', data: { at, labels: labels(n) } };
  return { ...ref, commandId: commandIdFrom('bench', 'commit', String(n)), actor, at, events: [event] };
}

function labels(n: number): Readonly<Record<string, string>> {
  return { site: 'fra-1', role: 'web', change: String(1_000_000 + n) };
}

const enrol: HostCommand = {
  type: 'EnrolHost',
  at,
  hostname: 'web-1',
  labels: {},
  publicKey: 'U',
  inventory: {
    os: 'linux',
    kernel: '6.1.0',
    arch: 'x64',
    cpus: 2,
    memoryBytes: 8e9,
    collector: { kind: 'otelcol', version: '0.149.0' },
  },
};
