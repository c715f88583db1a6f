import { spawn } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import type { Clock } from '#lib/agent-core';
import { isRunning, readStat, type ProcessIdentity } from '../machine/proc.js';
import { endGroup, stopProcess } from '../machine/stop-process.js';
import { complaintIn, limitLog, logTail } from './collector-log.js';
import type { Collector, CollectorSpec } from './collector.js';
import type { InstanceFiles, InstanceRecord } from './instance-file.js';

/** Where a collector finds programs. */
export const COLLECTOR_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';

/** A process of ours. */
export type Launched = { readonly identity: ProcessIdentity; readonly ended: Promise<void> };

/**
 * Starts a program in a group of its own, with its output in the instance's log. It outlives a killed agent on
 * purpose: the customer's data goes on, and the next agent takes it over. @throws Error `ENOENT`, `EACCES`
 */
export async function launch(
  command: readonly string[],
  files: InstanceFiles,
  environment: Readonly<Record<string, string>>,
): Promise<Launched> {
  const log = await open(files.log, 'a', 0o600);
  try {
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { PATH: COLLECTOR_PATH, ...environment },
    });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    const pid = child.pid ?? 0;
    // One that is gone already has no identity; its end is told by `ended`.
    return { identity: { pid, born: readStat(pid)?.born ?? 'gone' }, ended };
  } finally {
    await log.close();
  }
}

export type ProcessCollectorOptions = {
  readonly spec: CollectorSpec;
  readonly record: InstanceRecord;
  readonly token: string;
  readonly files: InstanceFiles;
  readonly identity: ProcessIdentity;
  readonly ended: Promise<void>;
  readonly isAdopted: boolean;
  readonly clock: Clock;
};

/** Queued exports leave within milliseconds when the backend takes them; a dead backend may not hold us up. */
const STOP_BUDGET_MS = 10_000;

/** A collector in a process. Its folder vanishes when it was stopped; a crashed one's stays for its log. */
export function processCollector(options: ProcessCollectorOptions): Collector {
  const { clock, ended, files, identity, isAdopted, record, spec, token } = options;
  return {
    instance: record.instance,
    spec,
    pid: identity.pid,
    isAdopted,
    telemetryPort: record.telemetryPort,
    receiverPort: record.receiverPort,
    admission: {
      instance: record.instance,
      variant: spec.variant,
      configHash: spec.configHash,
      intervalSeconds: spec.rendered.intervalSeconds,
      token,
    },
    exited: ended.then(async () => {
      await endGroup(identity, clock);
      return complaintIn((await logTail(files.log, 20)).join('\n'));
    }),
    stop: async (budgetMs = STOP_BUDGET_MS) => {
      await stopProcess(identity, budgetMs, clock);
      await rm(files.folder, { recursive: true, force: true });
    },
    logTail: (lines) => logTail(files.log, lines),
    tidy: () => limitLog(files.log),
  };
}

const POLL_MS = 500;

/** The end of a process that is not our child, found by looking. */
export async function endOf(identity: ProcessIdentity, clock: Clock): Promise<void> {
  while (isRunning(identity)) await clock.sleep(POLL_MS);
}
