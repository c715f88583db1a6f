import { z } from 'zod';
import { netFaultKinds } from '../netns/steps.js';

const at = z.string();
const n = z.int().nonnegative();
const who = { at, host: z.string(), boot: z.string(), epoch: z.string() };
const counters = z.record(z.string(), z.int());
const lane = z.enum(['results', 'metrics']);

/** What a host wrote down itself, step by step. */
const hostLines = [
  z.object({ type: z.literal('boot'), ...who }),
  z.object({ type: z.literal('stopped'), ...who }),
  z.object({
    type: z.literal('appending'),
    ...who,
    ...{ lane, n, kind: z.string(), hash: z.string() },
    ...{ taskId: z.string().optional(), generation: z.int().optional(), stage: z.string().optional() },
    ...{ outcome: z.string().optional(), fromN: z.int().optional(), toN: z.int().optional() },
  }),
  z.object({ type: z.literal('appended'), ...who, lane, n }),
  z.object({ type: z.literal('cursor'), ...who, lane, n }),
  z.object({
    type: z.literal('handed'),
    ...who,
    taskId: z.string(),
    kind: z.enum(['ApplyCollectors', 'CollectLogs', 'RestartCollector', 'CancelTask']),
    status: z.enum(['accepted', 'duplicate', 'superseded', 'rejected']),
    generation: z.int().optional(),
    cancels: z.string().optional(),
  }),
  z.object({
    type: z.literal('effect'),
    ...who,
    taskId: z.string(),
    edge: z.enum(['begun', 'ended', 'broken-off']),
  }),
] as const;

/** What the campaign did. */
const campaignLines = [
  z.object({ type: z.literal('seed'), at, seed: z.int(), hosts: z.array(z.string()) }),
  z.object({ type: z.literal('fault'), at, kind: z.string(), target: z.string() }),
  /** A real link is good again, and what the kernel had counted meanwhile: at the node, its link, and the hub. */
  z.object({
    type: z.literal('link-healed'),
    at,
    kind: z.enum(netFaultKinds),
    ...{ node: z.string(), wentOffline: z.boolean() },
    ...{ tcp: counters, link: counters, hub: counters },
  }),
  z.object({ type: z.literal('wiped'), at, host: z.string() }),
  z.object({
    type: z.literal('asked'),
    at,
    host: z.string(),
    taskId: z.string(),
    kind: z.enum(['CollectLogs', 'RestartCollector']),
    deadline: z.string(),
  }),
  z.object({ type: z.literal('taken-back'), at, host: z.string(), taskId: z.string() }),
  /** All faults are over, the house was at rest, and what was asked for since was answered by every host. */
  z.object({ type: z.literal('calm'), at }),
  /** Nothing passes the link of a host for longer than pings and presence have patience. */
  z.object({ type: z.literal('long-stall'), at, host: z.string(), isPinged: z.boolean() }),
  /** A side of the host's connection was seen to have closed it, because its pings got no answer. */
  z.object({ type: z.literal('ping-timeout'), at, host: z.string(), side: z.enum(['hub', 'leaf']) }),
  z.object({ type: z.literal('long-stall-over'), at, host: z.string() }),
  /** A process ended, and nobody had ended it. */
  z.object({
    type: z.literal('process-ended'),
    at,
    process: z.string(),
    code: z.int().nullable(),
    signal: z.string().nullable(),
    /** By the plan it was to kill itself. */
    isArranged: z.boolean(),
    logTail: z.array(z.string()),
  }),
  /** Hosts whose process was there when all was over, before they were ended. */
  z.object({ type: z.literal('up'), at, hosts: z.array(z.string()) }),
  z.object({ type: z.literal('unrest'), at, what: z.string() }),
  /** A gateway was asked to leave by SIGTERM, and this is what it left, read before another began. */
  z.object({
    type: z.literal('gateway-left'),
    at,
    code: z.int().nullable(),
    signal: z.string().nullable(),
    ms: z.number(),
    events: z.array(z.object({ host: z.string(), generation: z.int(), stage: z.string() })),
    rows: z.array(z.object({ host: z.string(), generation: z.int(), stage: z.string() })),
  }),
] as const;

/** What the control plane held at the end. */
const heldLines = [
  z.object({
    type: z.literal('stored'),
    at,
    stream: z.enum(['UPLINK', 'METRICS']),
    host: z.string(),
    epoch: z.string(),
    n: z.int(),
    sequence: z.int(),
    hash: z.string(),
  }),
  z.object({
    type: z.literal('want'),
    host: z.string(),
    experimentId: z.string().nullable(),
    generation: z.int(),
    configs: z.array(z.string()),
  }),
  z.object({
    type: z.literal('attempt-row'),
    at,
    host: z.string(),
    generation: z.int(),
    taskId: z.string(),
    stage: z.string(),
    configs: z.array(z.string()),
  }),
  z.object({ type: z.literal('cursor-row'), host: z.string(), epoch: z.string(), lane, n }),
  z.object({ type: z.literal('gap-row'), host: z.string(), epoch: z.string(), fromN: n, toN: n }),
  z.object({
    type: z.literal('task-row'),
    host: z.string(),
    taskId: z.string(),
    phase: z.string(),
    cancel: z.string(),
  }),
  z.object({ type: z.literal('stage-row'), at, taskId: z.string(), stage: z.string() }),
  z.object({
    type: z.literal('host-event'),
    at,
    host: z.string(),
    generation: z.int(),
    stage: z.string(),
  }),
  /** A transition of a host's presence, as the log has it. */
  z.object({
    type: z.literal('presence-event'),
    at,
    host: z.string(),
    phase: z.enum(['online', 'suspect', 'offline']),
    /** Which run of the agent, of one that came online. */
    session: z.string().optional(),
  }),
  /** What the read model says of a host, read while the hosts in `up` were. */
  z.object({ type: z.literal('view-row'), host: z.string(), status: z.string() }),
] as const;

/** One line of a history. */
export const historyLine = z.discriminatedUnion('type', [...hostLines, ...campaignLines, ...heldLines]);
export type HistoryLine = Readonly<z.output<typeof historyLine>>;
export type LineType = HistoryLine['type'];
export type LineOf<Type extends LineType> = Extract<HistoryLine, { readonly type: Type }>;

/** Whether the host, its disk or the link is meant, one of these was there. */
export type Lane = z.output<typeof lane>;

/** Reads a history, line by line. @throws Error with the number of a line that is none */
export function parseHistory(text: string): readonly HistoryLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      const parsed = historyLine.safeParse(JSON.parse(line));
      if (!parsed.success) throw new Error(`line ${index + 1} is no line of a history: ${line}`);
      return parsed.data;
    });
}
