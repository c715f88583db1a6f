import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  drainLane,
  nodeDisk,
  openDoors,
  Outbox,
  reasonOf,
  runSession,
  systemClock,
  TaskJournal,
  type Log,
  type OutboxMessage,
} from '#lib/agent-core';
import {
  EXPERIMENT_HEADER,
  hostSubjects,
  MAX_INGRESS_PORTS,
  type DownTask,
  type HandOverReply,
  type Heartbeat,
  type OutboxGap,
} from '#lib/agent-protocol';
import type { AgentConfig } from '../agent.config.js';
import type { Collector } from '../collectors/collector.js';
import { Ingress } from '../ingress/ingress.js';
import { inventory } from '../machine/inventory.js';
import { ownUsage } from '../machine/own-usage.js';
import { CollectorUsage } from '../meter/collector-usage.js';
import { Metering } from '../meter/metering.js';
import type { SelfTelemetry } from '../meter/self-telemetry.js';
import { runWindowClock } from '../meter/window-clock.js';
import { TaskRunner } from '../tasks/task-runner.js';
import { sandboxes } from '../preflight/sandbox.js';
import { clearSimulations } from '../simulation/leftovers.js';
import { simulationsFolder } from '../simulation/simulate.js';
import { teller, type Tell } from '../reconcile/attempts.js';
import { CredentialRotation } from '../rotation/credential-rotation.js';
import { ShownCredentials } from '../rotation/shown-credentials.js';
import { credsPath, readHttpCredential } from '../enrol/identity-file.js';
import { AGENT_VERSION } from '../version.js';
import { lockAgent } from './agent-lock.js';
import { credentialTrial, doorsOf } from './doors-of.js';
import { chooseEngine } from './choose-engine.js';
import { runHousekeeping } from './housekeeping.js';
import { hostDoor, type HostDoor } from './host-door.js';
import { reconciliation } from './reconciliation.js';
import { doorStatus, writeStatus } from './status-file.js';

const clock = systemClock;

/** Runs the agent until `signal` is aborted, then ends its collectors. @throws Error with what to do, at its start */
export async function runAgent(config: AgentConfig, log: Log, signal: AbortSignal): Promise<void> {
  const folder = config.PHOENIX_AGENT_DIR;
  const door = await hostDoor(config);
  await nodeDisk.ensureFolder(folder);
  const lock = await lockAgent(folder);
  if (lock === undefined) throw new Error(`another agent runs in ${folder}: stop it first`);
  const outbox = await Outbox.open({
    folder: join(folder, 'outbox'),
    gapMessage: (gap) => gapMessage(door, gap),
  });
  const journal = await TaskJournal.open(join(folder, 'journal'));
  const metering = new Metering(door.host, clock);
  const { collector, description, engine, forSandbox, meter } = await chooseEngine({
    config,
    metering,
    clock,
    log,
  });
  const usage = new CollectorUsage();
  const ingress = new Ingress({ clock, log });
  const told = remembering(teller(outbox, door, { clock, log }));
  const { fleet, reconciler, watchman } = reconciliation({
    journal,
    engine,
    metering,
    usage,
    ingress,
    tell: told.tell,
    clock,
    log,
  });
  const shown = await shownCredentials(folder);
  const link = openDoors({
    doors: doorsOf(config, door, shown, { clock, log }),
    probeSubject: hostSubjects(door.tenant, door.host).uplink('probe'),
    ...{ clock, log },
  });
  const rotation = await CredentialRotation.open({
    ...{ folder, tenant: door.tenant, host: door.host, shown, clock, log },
    tryOut: credentialTrial(config, door),
    renew: () => link.renew(),
  });

  const sandboxed = sandboxes({ host: door.host, forSandbox, ingress, clock, log });
  const simulation = { folder: simulationsFolder(folder) };
  await Promise.all([sandboxed.clear(), clearSimulations(simulation, clock)]);
  const tasks = new TaskRunner({
    ...{ journal, fleet, reconciler, sandboxes: sandboxed, simulation, tell: told.tell, clock, log },
    identity: { tenant: door.tenant, host: door.host },
  });
  const accept = async (task: DownTask, session?: number): Promise<HandOverReply> => {
    if (journal.fences(session)) return { taskId: task.taskId, status: 'fenced' };
    if (task.kind === 'RotateCredential') return rotation.answer(task);
    const reply = await journal.accept(task, session);
    if (reply.status === 'accepted') {
      if (task.kind === 'ApplyCollectors') reconciler.orderArrived();
      else tasks.arrived(task);
    }
    return reply;
  };
  const measureSelf = ownUsage(clock);
  const vitals = async (): Promise<Pick<Heartbeat, 'agent' | 'outbox' | 'collectors' | 'ingress'>> => {
    const { dropped, failure, metrics, results } = outbox.status();
    const ports = ingress.status().slice(-MAX_INGRESS_PORTS);
    const status = {
      ...{ at: clock.iso(), ...doorStatus(link), meterPort: meter.port, collector: description },
      ...(rotation.waitsFor !== undefined && { rotation: rotation.waitsFor }),
      ...(ports.length > 0 && { ingress: ports }),
      outbox: { results, metrics, ...(failure !== undefined && { failure }) },
      ...(told.lastRefusal() !== undefined && { lastRefusal: told.lastRefusal() }),
    };
    await writeStatus(folder, status).catch((error: unknown) =>
      log.warn({ reason: reasonOf(error) }, 'no status file'),
    );
    const waiting = {
      results,
      metrics,
      dropped,
      ...(failure !== undefined && { failure: failure.slice(0, 500) }),
    };
    const collectors = fleet.statuses();
    return { agent: measureSelf(), outbox: waiting, collectors, ingress: ports };
  };
  const keep = (body: Uint8Array): Promise<unknown> => {
    const experiment = reconciler.experimentId;
    const headers = experiment === null ? {} : { [EXPERIMENT_HEADER]: experiment };
    return outbox.append('metrics', { subject: hostSubjects(door.tenant, door.host).metrics, headers, body });
  };
  const publish = link.publishAcked;
  const collectors = (): readonly Collector[] => fleet.all();
  const onTelemetry = (instance: string, told?: SelfTelemetry): void => watchman.tell(instance, told?.doors);

  const identity = {
    tenant: door.tenant,
    host: door.host,
    bootId: randomUUID(),
    epoch: outbox.epoch,
    agentVersion: AGENT_VERSION,
    inventory: inventory(collector),
  };
  const generation = (): number => journal.generation;
  await Promise.all([
    reconciler.run(signal),
    tasks.run(signal),
    rotation.run(signal),
    runSession({ identity, link, clock, log, generation, vitals, accept }, signal),
    watchman.run(signal),
    runHousekeeping({ collectors, clock, log }, signal),
    runWindowClock({ metering, usage, collectors, keep, onTelemetry, clock, log }, signal),
    drainLane({ outbox, lane: 'results', publish, clock, log }, signal),
    drainLane({ outbox, lane: 'metrics', publish, clock, log }, signal),
  ]);
  await link.close();
  await ingress.close();
  await meter.close();
  lock.close();
}

function gapMessage({ host, tenant }: HostDoor, gap: Pick<OutboxGap, 'fromN' | 'toN'>): OutboxMessage {
  const body: OutboxGap = { kind: 'outbox-gap', at: clock.iso(), fromN: gap.fromN, toN: gap.toN };
  const subject = hostSubjects(tenant, host).uplink(body.kind);
  return { subject, headers: {}, body: new TextEncoder().encode(JSON.stringify(body)) };
}

/** Keeps the last refusal for people on this host. */
function remembering(tell: Tell): { readonly tell: Tell; lastRefusal(): string | undefined } {
  let last: string | undefined;
  return {
    lastRefusal: () => last,
    tell: async (message) => {
      if (message.kind === 'attempt' && (message.stage === 'failed' || message.stage === 'fell-back'))
        last = `generation ${message.generation} ${message.stage} at ${message.at}: ${message.reason ?? ''}`;
      await tell(message);
    },
  };
}

async function shownCredentials(folder: string): Promise<ShownCredentials> {
  const creds = (await nodeDisk.read(credsPath(folder)))?.toString('utf8');
  return new ShownCredentials({ creds, httpCredential: await readHttpCredential(folder) });
}
