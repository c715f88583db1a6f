import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { reasonOf } from '#lib/agent-core';
import type { CollectorLimits } from '#lib/agent-protocol';
import { HERE, openCgroups, type CgroupPlace, type Cgroups } from './cgroup.js';

/** What the kernel itself holds a collector to, should the agent not be there to take it back. */
export type MemoryCap = {
  /** What stands before the program and its arguments. @throws Error where the cap cannot be set */
  readonly prefixFor: (limits: CollectorLimits, instance: string) => Promise<readonly string[]>;
  /** A collector is gone, and what held it may go too. */
  readonly release: (instance: string) => Promise<void>;
  /** For people. */
  readonly description: string;
};

const run = promisify(execFile);
/** The Go runtime reserves some 60 MiB more than it holds. */
const SLACK_BYTES = 128 * 1024 * 1024;
const NO_CORE = ['prlimit', '--core=0'];
/** Enters the group that is its first word, then becomes the rest: no instant of the program is outside. */
const ENTER = ['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"'];

/**
 * Caps a collector at twice its limits, so that the guardrail speaks first: memory and CPU by a group of its own where
 * the kernel gives the agent groups, else its writable memory (RLIMIT_DATA); no rlimit bounds the rate of CPU. It may
 * write no core file, which would hold its secrets.
 */
export async function memoryCap(place: CgroupPlace = HERE): Promise<MemoryCap> {
  const groups = await openCgroups(place);
  if (typeof groups === 'string') return byRlimit(groups);
  await groups.sweep();
  return byGroup(groups);
}

/** What `memoryCap` falls back to, without a look at groups: a doctor must not move into one. */
export async function byRlimit(noGroups: string): Promise<MemoryCap> {
  const release = (): Promise<void> => Promise.resolve();
  const refusal = await complaintOfPrlimit();
  if (refusal !== undefined)
    return {
      prefixFor: () => Promise.resolve([]),
      release,
      description: `memory and CPU of candidates capped by the guardrails only, because prlimit does not work here: ${refusal}`,
    };
  return {
    prefixFor: ({ memory }) => Promise.resolve([...NO_CORE, `--data=${2 * memory.rssBytes + SLACK_BYTES}`]),
    release,
    description: `memory of candidates capped by rlimit, CPU by the guardrail only${noGroups === '' ? '' : ` (${noGroups})`}`,
  };
}

async function byGroup(groups: Cgroups): Promise<MemoryCap> {
  const noCore = (await complaintOfPrlimit()) === undefined ? NO_CORE : [];
  return {
    prefixFor: async (limits, instance) => [...ENTER, await groups.make(instance, limits), ...noCore],
    release: (instance) => groups.remove(instance),
    description: 'memory and CPU of candidates capped by cgroup v2',
  };
}

async function complaintOfPrlimit(): Promise<string | undefined> {
  try {
    await run('prlimit', ['--core=0', `--data=${SLACK_BYTES}`, 'true'], { timeout: 5_000 });
    return undefined;
  } catch (error) {
    return reasonOf(error).trim().split('\n').at(-1) ?? '';
  }
}
