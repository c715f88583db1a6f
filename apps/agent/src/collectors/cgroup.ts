import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { reasonOf } from '#lib/agent-core';
import type { CollectorLimits } from '#lib/agent-protocol';

/** Where the kernel shows control groups; tests give a tree of their own. */
export type CgroupPlace = {
  /** The mount of cgroup v2. */
  readonly root: string;
  /** `/proc/self/cgroup`. */
  readonly own: string;
  readonly pid: number;
};

/** Groups in which the kernel holds collectors to their limits (cgroups(7), version 2). */
export interface Cgroups {
  /** Makes the group of one collector. @returns its folder @throws Error of the file system */
  make(instance: string, limits: CollectorLimits): Promise<string>;
  /** Removes the group of a collector that is gone; one that is still in use stays for the next look. */
  remove(instance: string): Promise<void>;
  /** Removes the groups of collectors that an earlier agent had and that are gone. */
  sweep(): Promise<void>;
}

export const HERE: CgroupPlace = { root: '/sys/fs/cgroup', own: '/proc/self/cgroup', pid: process.pid };

const AGENT_GROUP = 'phoenix-agent';
const PREFIX = 'collector-';
const CONTROLLERS = ['memory', 'cpu'] as const;
/** The kernel hands out CPU in slices of so many microseconds. */
const PERIOD_US = 100_000;
/** The guardrail speaks first, with a reason; the kernel is for when nobody is there to speak. */
const ABOVE_LIMIT = 2;

/**
 * Groups below the agent's own one, or in a sentence why there are none. A group with processes may not divide its
 * memory and CPU, so the agent moves into a group of its own first; where others share its group, as in a login
 * session, it goes back and leaves everything as it was.
 */
export async function openCgroups(place: CgroupPlace = HERE): Promise<Cgroups | string> {
  const parent = await ownGroup(place);
  if (typeof parent !== 'object') return parent;
  const refusal = await divide(parent.folder, place.pid);
  return refusal ?? groupsBelow(parent.folder);
}

async function ownGroup({ own, root }: CgroupPlace): Promise<{ readonly folder: string } | string> {
  const available = await textOf(join(root, 'cgroup.controllers'));
  if (available === undefined) return 'no cgroup v2 is mounted';
  const line = (await textOf(own))?.split('\n').find((one) => one.startsWith('0::'));
  const path = line?.slice('0::'.length);
  if (path === undefined) return 'the agent is in no group of cgroup v2';
  // An agent that was started from within an agent's group belongs where that one came from.
  const folder = join(root, basename(path) === AGENT_GROUP ? join(path, '..') : path);
  const offered = (await textOf(join(folder, 'cgroup.controllers')))?.split(/\s+/) ?? [];
  const missing = CONTROLLERS.filter((name) => !offered.includes(name));
  return missing.length === 0 ? { folder } : `its group has no controller for ${missing.join(' and ')}`;
}

/** @returns why it cannot be done; nothing is changed then */
async function divide(folder: string, pid: number): Promise<string | undefined> {
  const agentGroup = join(folder, AGENT_GROUP);
  try {
    await mkdir(agentGroup, { recursive: true });
    await writeFile(join(agentGroup, 'cgroup.procs'), String(pid));
    await writeFile(join(folder, 'cgroup.subtree_control'), CONTROLLERS.map((name) => `+${name}`).join(' '));
    return undefined;
  } catch (error) {
    await writeFile(join(folder, 'cgroup.procs'), String(pid)).catch(() => undefined);
    await rmdir(agentGroup).catch(() => undefined);
    return `its group is not its own to divide: ${reasonOf(error)}`;
  }
}

function groupsBelow(parent: string): Cgroups {
  const folderOf = (instance: string): string => join(parent, `${PREFIX}${instance}`);
  const remove = async (folder: string): Promise<void> => {
    await rmdir(folder).catch(() => undefined);
  };
  return {
    make: async (instance, limits) => {
      const folder = folderOf(instance);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'memory.max'), String(ABOVE_LIMIT * limits.memory.rssBytes));
      await writeFile(join(folder, 'cpu.max'), cpuMaxOf(limits));
      return folder;
    },
    remove: (instance) => remove(folderOf(instance)),
    sweep: async () => {
      const groups = (await readdir(parent)).filter((name) => name.startsWith(PREFIX));
      await Promise.all(groups.map((name) => remove(join(parent, name))));
    },
  };
}

/** Microseconds of CPU per period, of all cores together. */
function cpuMaxOf({ cpu }: CollectorLimits): string {
  return `${Math.ceil((ABOVE_LIMIT * cpu.percent * PERIOD_US) / 100)} ${PERIOD_US}`;
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}
