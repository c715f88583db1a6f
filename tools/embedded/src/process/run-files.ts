import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirectory } from '../places.js';
import { identityOf, isRunning, type ProcessIdentity } from './identity.js';

/**
 * One running process group, written down as `<data folder>/run/<pid>.json`, so that `npm run clean` and the
 * next start find it even when both its parent and the guardian were killed.
 */
export interface RunFile {
  readonly name: string;
  readonly process: ProcessIdentity;
  readonly owner: ProcessIdentity;
}

function runDirectory(): string {
  const folder = join(dataDirectory(), 'run');
  mkdirSync(folder, { recursive: true });
  return folder;
}

function pathOf(pid: number): string {
  return join(runDirectory(), `${pid}.json`);
}

/** Notes that this process started `pid`. Does nothing when `pid` has already ended. */
export function writeRunFile(name: string, pid: number): void {
  const child = identityOf(pid);
  const owner = identityOf(process.pid);
  if (child === undefined || owner === undefined) return;
  const entry: RunFile = { name, process: child, owner };
  const path = pathOf(pid);
  // Renamed into place, because another Phoenix may be reading the folder right now.
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(entry));
  renameSync(`${path}.${process.pid}`, path);
}

export function removeRunFile(pid: number): void {
  rmSync(pathOf(pid), { force: true });
}

/** Kills every noted process group whose owner is dead, and forgets those that ended. Returns the reaped names. */
export function reapOrphans(): readonly string[] {
  const reaped: string[] = [];
  for (const file of readdirSync(runDirectory())) {
    if (!file.endsWith('.json')) continue;
    const entry = readRunFile(join(runDirectory(), file));
    if (entry === undefined || isRunning(entry.owner)) continue;
    if (isRunning(entry.process)) {
      killGroup(entry.process.pid, 'SIGKILL');
      reaped.push(entry.name);
    }
    removeRunFile(entry.process.pid);
  }
  return reaped;
}

/** Undefined when the file vanished meanwhile: its owner has just cleaned up. */
function readRunFile(path: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunFile;
  } catch {
    return undefined;
  }
}

/** Signals a whole process group; a group that is already gone is fine. */
export function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
