import { rm } from 'node:fs/promises';
import type { Clock } from '#lib/agent-core';
import { listPids, readArguments } from '../machine/proc.js';
import { endAll } from '../machine/stop-process.js';
import { markOf } from './scripts.js';

/** Processes of simulations below a folder, from the command lines of all processes. */
export function simulatedProcesses(simulationsFolder: string): readonly number[] {
  const mark = markOf(`${simulationsFolder}/`);
  return listPids().filter((pid) => readArguments(pid).some((word) => word.startsWith(mark)));
}

/** Ends what an agent that was killed left of its simulations. They end by themselves too; this is for certain. */
export async function clearSimulations({ folder }: { readonly folder: string }, clock: Clock): Promise<void> {
  await endAll(() => simulatedProcesses(folder), clock);
  await rm(folder, { recursive: true, force: true });
}
