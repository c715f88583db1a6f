import { setInterval as every } from 'node:timers/promises';
import { downTaskSchema, HEARTBEAT_SECONDS, hostSubjects, type HandOverReply } from '#lib/agent-protocol';
import { connectNats, type Nats, type NatsMessage } from '#lib/platform';
import { fleetCommandSchema, FLEET_CONTROL, FLEET_RAW, TENANT } from './fleet-protocol.js';

/**
 * Thousands of hosts in one process: each says hello and sends heartbeats as an agent does, and accepts what is handed
 * over. They share a few connections, so this is a load on the gateway, not on the server's connection table.
 */

const SLICES = 20;
/** Hosts `0..online` are there, the others are not. */
let online = 0;

async function main(): Promise<void> {
  const env = process.env;
  const nats = await connectNats({
    url: env['PHOENIX_NATS_URL'] ?? '',
    name: 'played-fleet',
    credsFile: env['PHOENIX_NATS_CREDS'],
  });
  const ending = new AbortController();
  const { signal } = ending;
  process.once('SIGTERM', () => ending.abort());
  await Promise.all([
    takeTasks(nats, signal),
    answerRaw(nats, signal),
    obey(nats, signal),
    beat(nats, signal),
  ]);
  await nats.drain();
}

async function takeTasks(nats: Nats, signal: AbortSignal): Promise<void> {
  for await (const message of nats.subscribe(`down.${TENANT}.*.task`, { signal })) {
    const task = downTaskSchema.parse(JSON.parse(new TextDecoder().decode(message.data)));
    if (numberOf(message.subject) < online) reply(nats, message, task.taskId);
  }
}

/** The same work without anything of the gateway's: the ceiling. */
async function answerRaw(nats: Nats, signal: AbortSignal): Promise<void> {
  for await (const message of nats.subscribe(`${FLEET_RAW}.*`, { signal })) {
    const task = downTaskSchema.parse(JSON.parse(new TextDecoder().decode(message.data)));
    reply(nats, message, task.taskId);
  }
}

function reply(nats: Nats, { reply: to }: NatsMessage, taskId: string): void {
  if (to === undefined) return;
  const answer: HandOverReply = { taskId, status: 'accepted' };
  nats.send(to, encode(answer));
}

async function obey(nats: Nats, signal: AbortSignal): Promise<void> {
  for await (const message of nats.subscribe(FLEET_CONTROL, { signal })) {
    const command = fleetCommandSchema.parse(JSON.parse(new TextDecoder().decode(message.data)));
    online = command.online;
    if (command.hello)
      for (let n = 0; n < online; n += 1) {
        sayHello(nats, n);
        sayHeartbeat(nats, n);
      }
    if (message.reply !== undefined) nats.send(message.reply, encode({ online }));
  }
}

/** Every host once within the time between two heartbeats, evenly. */
async function beat(nats: Nats, signal: AbortSignal): Promise<void> {
  let slice = 0;
  try {
    for await (const _ of every((HEARTBEAT_SECONDS * 1000) / SLICES, undefined, { signal })) {
      for (let n = slice; n < online; n += SLICES) sayHeartbeat(nats, n);
      slice = (slice + 1) % SLICES;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function life(n: number) {
  const at = new Date().toISOString();
  return { host: hostOf(n), bootId: 'boot-1', agentVersion: '0.1.0', at, generation: 0 };
}

function sayHello(nats: Nats, n: number): void {
  nats.send(hostSubjects(TENANT, hostOf(n)).hello, encode({ ...life(n), protocol: 1, epoch: 'epoch-1' }));
}

function sayHeartbeat(nats: Nats, n: number): void {
  const vitals = {
    agent: { cpuPercent: 0.4, rssBytes: 60e6 },
    outbox: { results: 0, metrics: 0 },
    collectors: [],
  };
  nats.send(hostSubjects(TENANT, hostOf(n)).heartbeat, encode({ ...life(n), ...vitals }));
}

function hostOf(n: number): string {
  return `h-${n}`;
}

function numberOf(subject: string): number {
  return Number(subject.split('.')[2]?.slice('h-'.length));
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

await main();
