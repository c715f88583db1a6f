import { rm } from 'node:fs/promises';
import { nodeDisk, type Clock, type Log } from '#lib/agent-core';
import { listPids, readArguments, readEnvironment, readStat, type ProcessIdentity } from '../machine/proc.js';
import { endAll, stopProcess } from '../machine/stop-process.js';
import type { Admission } from '../meter/metering.js';
import { orderKey, type Collector, type CollectorSpec } from './collector.js';
import { FOLDER_ENV, instanceFiles, readRecord, TOKEN_ENV } from './instance-file.js';
import { endOf, processCollector } from './process-collector.js';

export type SurvivorOptions = {
  readonly folder: string;
  readonly wanted: readonly CollectorSpec[];
  readonly meterPort: number;
  readonly admit: (admission: Admission) => void;
  readonly clock: Clock;
  readonly log: Log;
};

const REAP_BUDGET_MS = 5_000;

/**
 * What an agent that was killed left running. A collector is adopted when it is exactly what is wanted and still
 * reaches the meter; all others are ended. They are found by their command line, so that also one is found that was
 * started in the instant before its file could be written.
 */
export async function findSurvivors(options: SurvivorOptions): Promise<readonly Collector[]> {
  const { clock, folder, log } = options;
  const adopted: Collector[] = [];
  for (const [instance, identity] of runningInstances(folder)) {
    const collector = await adoptable(options, instance, identity, adopted);
    if (collector !== undefined) {
      log.info({ instance, pid: identity.pid }, 'collector adopted');
      options.admit(collector.admission);
      adopted.push(collector);
    } else {
      log.info({ instance, pid: identity.pid }, 'collector of an earlier agent reaped');
      await stopProcess(identity, REAP_BUDGET_MS, clock);
    }
  }
  await sweep(options, adopted);
  return adopted;
}

async function adoptable(
  { clock, folder, meterPort, wanted }: SurvivorOptions,
  instance: string,
  identity: ProcessIdentity,
  adopted: readonly Collector[],
): Promise<Collector | undefined> {
  const files = instanceFiles(folder, instance);
  const record = await readRecord(files);
  if (record === undefined || record.meterPort !== meterPort || record.process.born !== identity.born)
    return undefined;
  const isTaken = adopted.some((one) => orderKey(one.spec) === record.orderKey);
  const ordered = wanted.find((one) => orderKey(one) === record.orderKey);
  const token = readEnvironment(identity.pid).get(TOKEN_ENV);
  if (ordered === undefined || isTaken || token === undefined) return undefined;
  if ((ordered.rendered.ingress === undefined) !== (record.receiverPort === undefined)) return undefined;
  const { selection, selectionChanges } = record;
  const spec = {
    ...ordered,
    ...(selection && { selection }),
    ...(selectionChanges && { selectionChanges }),
  };
  return processCollector({
    spec,
    record,
    token,
    files,
    identity,
    clock,
    isAdopted: true,
    ended: endOf(identity, clock),
  });
}

/**
 * Collectors of this folder, by instance, from the command lines of all processes. What a collector forked has the
 * same command line, so the leader of its group speaks for it.
 */
export function runningInstances(folder: string): ReadonlyMap<string, ProcessIdentity> {
  const found = new Map<string, ProcessIdentity>();
  const prefix = `--config=${folder}/`;
  for (const pid of listPids()) {
    const argument = readArguments(pid).find((word) => word.startsWith(prefix));
    const instance = argument?.slice(prefix.length).split('/', 1)[0];
    const stat = instance === undefined ? undefined : readStat(pid);
    if (instance === undefined || stat === undefined) continue;
    if (stat.group === pid || !found.has(instance)) found.set(instance, { pid, born: stat.born });
  }
  return found;
}

/** Removes the folders of instances that no longer run, and processes that they left. */
async function sweep({ clock, folder }: SurvivorOptions, adopted: readonly Collector[]): Promise<void> {
  await nodeDisk.ensureFolder(folder);
  for (const name of await nodeDisk.list(folder)) {
    if (adopted.some(({ instance }) => instance === name)) continue;
    await endAll(() => startedIn(`${folder}/${name}`), clock);
    await rm(`${folder}/${name}`, { recursive: true, force: true });
  }
}

/** Whatever a collector started has its environment, unless it cleared that. */
function startedIn(instanceFolder: string): readonly number[] {
  return listPids().filter((pid) => readEnvironment(pid).get(FOLDER_ENV) === instanceFolder);
}
