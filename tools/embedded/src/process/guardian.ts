import { spawn, type ChildProcess } from 'node:child_process';
import { embeddedAsset } from '../places.js';
import { reapOrphans, removeRunFile, writeRunFile } from './run-files.js';

const guarded = new Map<number, NodeJS.Signals>();
let guardian: ChildProcess | undefined;

/**
 * Puts a process group under guard: if this process dies in any way, `kill -9` included, the guardian stops the
 * group. The first call also reaps what an earlier Phoenix left behind.
 */
export function guard(name: string, pid: number, stopSignal: NodeJS.Signals): void {
  tell('+', stopSignal, pid);
  guarded.set(pid, stopSignal);
  writeRunFile(name, pid);
}

/** Takes a process group that has ended out of guard. */
export function release(pid: number): void {
  const stopSignal = guarded.get(pid);
  if (stopSignal === undefined) return;
  guarded.delete(pid);
  tell('-', stopSignal, pid);
  removeRunFile(pid);
}

/** Starts the guardian before the first child exists, so that no child is ever without it. */
export function ensureGuardian(): void {
  if (guardian !== undefined) return;
  reapOrphans();
  guardian = startGuardian();
}

function tell(change: '+' | '-', signal: NodeJS.Signals, pid: number): void {
  guardian?.stdin?.write(`${change} ${shellName(signal)} ${pid}\n`);
}

/** POSIX shells know signals without their first syllable. */
function shellName(signal: NodeJS.Signals): string {
  return signal.slice('SIG'.length);
}

function startGuardian(): ChildProcess {
  // Its own session: Ctrl-C and a kill of our group must not reach it. Its pipe is the only tie to us.
  const running = [...guarded].map(([pid, signal]) => `${shellName(signal)}:${pid}`);
  const child = spawn('sh', [embeddedAsset('guardian.sh'), ...running], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  child.stdin.on('error', () => undefined);
  child.once('exit', () => {
    guardian = startGuardian();
  });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}
