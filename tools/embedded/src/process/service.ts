import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ensureGuardian, guard, release } from './guardian.js';
import { killGroup } from './run-files.js';

/** Receives one line of text without its line end. */
export type Log = (line: string) => void;

/** Where a child's output goes: line by line to a log with a `name | ` prefix, or straight to the end of a file. */
export type Output = { readonly log: Log } | { readonly file: string };

export interface ServiceOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly output: Output;
  readonly cwd?: string;
  /** The child's whole environment; this process's own when left out. */
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  /** A network namespace by its name, to run in; needs root and the `ip` of iproute2. */
  readonly namespace?: string;
  /** Asks the child to stop; SIGTERM when left out. */
  readonly stopSignal?: NodeJS.Signals;
}

/** How a child ended. `code` is null after a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running child process that does not outlive this process. */
export interface Service {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the child has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  /** As `exited`, but after the last line of its output has reached the log. */
  readonly closed: Promise<Exit>;
  /** Undefined while the child runs. */
  exit(): Exit | undefined;
  /** Asks the child to stop, and kills its group after `budgetMs` (10 s when left out). */
  stop(budgetMs?: number): Promise<Exit>;
  /** `kill -9` of the child's process group, as a crash would do it. */
  kill(): Promise<Exit>;
}

/**
 * Starts a child process in its own process group, under guard of the guardian.
 * @throws Error when the command cannot be started.
 */
export async function spawnService(options: ServiceOptions): Promise<Service> {
  ensureGuardian();
  const child = launch(options);
  const pid = await pidOf(child);
  const stopSignal = options.stopSignal ?? 'SIGTERM';
  guard(options.name, pid, stopSignal);
  if ('log' in options.output) forwardLines(child, options.name, options.output.log);

  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    const settle = (code: number | null, signal: NodeJS.Signals | null): void => {
      release(pid);
      exit = { code, signal };
      resolve(exit);
    };
    if (child.exitCode !== null || child.signalCode !== null) settle(child.exitCode, child.signalCode);
    else child.once('exit', settle);
  });

  const closed = new Promise<void>((resolve) => child.once('close', () => resolve())).then(() => exited);

  return {
    name: options.name,
    pid,
    exited,
    closed,
    exit: () => exit,
    stop: async (budgetMs = 10_000) => {
      if (exit !== undefined) return exit;
      killGroup(pid, stopSignal);
      const hard = setTimeout(() => killGroup(pid, 'SIGKILL'), budgetMs);
      return exited.finally(() => clearTimeout(hard));
    },
    kill: () => {
      if (exit === undefined) killGroup(pid, 'SIGKILL');
      return exited;
    },
  };
}

function launch(options: ServiceOptions): ChildProcess {
  const log = 'file' in options.output ? openSync(options.output.file, 'a') : undefined;
  const sink = log ?? 'pipe';
  const stdio: StdioOptions = ['ignore', sink, sink];
  try {
    const [command, ...args] = commandLine(options);
    return spawn(command, args, {
      detached: true,
      stdio,
      cwd: options.cwd,
      env: options.env,
      uid: options.uid,
      gid: options.gid,
    });
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

/** `ip netns exec` becomes the command, so that the process keeps its number. */
function commandLine({ args, command, namespace }: ServiceOptions): readonly [string, ...string[]] {
  return namespace === undefined ? [command, ...args] : ['ip', 'netns', 'exec', namespace, command, ...args];
}

async function pidOf(child: ChildProcess): Promise<number> {
  if (child.pid !== undefined) return child.pid;
  return new Promise((_, reject) => child.once('error', reject));
}

function forwardLines(child: ChildProcess, name: string, log: Log): void {
  const forward = (stream: Readable | null): void => {
    if (stream !== null) createInterface({ input: stream }).on('line', (line) => log(`${name} | ${line}`));
  };
  forward(child.stdout);
  forward(child.stderr);
}
