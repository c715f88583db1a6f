import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { linkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import type { Clock } from '#lib/agent-core';
import { readStat, type ProcessIdentity } from '../machine/proc.js';
import { endGroup, stopProcess } from '../machine/stop-process.js';
import { findShell, unprivileged } from './shell.js';
import { cpuCapOf, memoryCapOf, type ProcessPlan } from './plan.js';
import { LEAD, LIFELINE_FD, markOf, WORK } from './scripts.js';

/** One process that was started, with its use as far as it was seen. */
export type Member = {
  readonly plan: ProcessPlan;
  readonly cpuSeconds: number;
  /** It ended before it was told to. */
  readonly isLost: boolean;
};

/** The processes of one simulation, in a group of their own. */
export interface Crew {
  /** Who they run as. */
  readonly user: string;
  start(plan: ProcessPlan): void;
  /** Ends some and starts others of the same kind. */
  replace(count: number, next: () => number): void;
  /** Reads what each has used. @throws Error when their leader is gone */
  look(): void;
  /** How many run, as of the last look. */
  present(): number;
  cpuSeconds(): number;
  /** All that were ever started. */
  roll(): readonly Member[];
  /** Ends them all; resolves when nothing is left. */
  close(): Promise<void>;
}

export type CrewOptions = { readonly folder: string; readonly seconds: number; readonly clock: Clock };

type Entry = {
  readonly plan: ProcessPlan;
  identity?: ProcessIdentity;
  cpuSeconds: number;
  state: 'present' | 'told-to-end' | 'lost';
};

const STOP_BUDGET_MS = 1_000;
/** What all of them have in their environment. */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' };

/** @throws Error where the host has no shell for it, or cannot run it without rights */
export async function openCrew({ clock, folder, seconds }: CrewOptions): Promise<Crew> {
  const shell = await findShell();
  const { prefix, user } = await unprivileged();
  await mkdir(folder, { recursive: true });
  const program = join(folder, 'sim');
  await copyFile(shell, program);
  // Whoever they run as may begin the programs here, and enter no folder above.
  await Promise.all([chmod(folder, 0o755), chmod(program, 0o755)]);
  const args = ['-n', '19', ...prefix, shell];
  const leader = spawn(
    'nice',
    [...args, '--norc', '--noprofile', '-c', LEAD, 'leader', WORK, markOf(folder)],
    {
      ...{ cwd: folder, detached: true, env: { ...ENVIRONMENT, PWD: folder } },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    },
  );
  try {
    await new Promise<void>((resolve, reject) => leader.once('spawn', resolve).once('error', reject));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return new ShellCrew(leader, { folder, program, seconds, clock, user });
}

type ShellCrewOptions = CrewOptions & { readonly program: string; readonly user: string };

class ShellCrew implements Crew {
  private readonly entries: Entry[] = [];
  private readonly linked = new Set<string>();
  private readonly identity: ProcessIdentity;
  private readonly ended: Promise<void>;
  private complaint = '';
  private isOver = false;

  constructor(
    private readonly leader: ChildProcess,
    private readonly options: ShellCrewOptions,
  ) {
    const pid = leader.pid ?? 0;
    this.identity = { pid, born: readStat(pid)?.born ?? 'gone' };
    this.ended = new Promise((resolve) =>
      leader.once('exit', () => {
        this.isOver = true;
        resolve();
      }),
    );
    // A write to one that is gone is told by its end.
    for (const stream of [leader.stdin, lifelineOf(leader)]) stream?.on('error', () => undefined);
    leader.stderr?.on(
      'data',
      (text: Buffer) => (this.complaint = text.toString('utf8').trim().slice(0, 500)),
    );
    if (leader.stdout !== null)
      createInterface({ input: leader.stdout }).on('line', (line) => this.started(line));
  }

  get user(): string {
    return this.options.user;
  }

  start(plan: ProcessPlan): void {
    this.link(plan.executable);
    const number = this.entries.push({ plan, cpuSeconds: 0, state: 'present' }) - 1;
    const { from, memoryBytes, peak, permille, to } = plan;
    const limits = [cpuCapOf(plan, this.options.seconds), Math.ceil(memoryCapOf(plan) / 1024)];
    this.tell(['start', number, plan.executable, ...limits, permille, peak, from, to, memoryBytes]);
  }

  replace(count: number, next: () => number): void {
    for (let i = 0; i < count; i++) {
      const present = this.entries.filter(
        ({ identity, state }) => state === 'present' && identity !== undefined,
      );
      const entry = present[Math.floor(next() * present.length)];
      if (entry?.identity === undefined) return;
      if (this.lookAt(entry)) {
        entry.state = 'told-to-end';
        this.tell(['stop', entry.identity.pid]);
      }
      this.start(entry.plan);
    }
  }

  look(): void {
    if (this.isOver) throw new Error(`its processes ended: ${this.complaint || 'without a word'}`);
    for (const entry of this.entries) if (entry.state === 'present') this.lookAt(entry);
    if (this.entries.length > 0 && this.present() === 0)
      throw new Error(`none of its processes runs: ${this.complaint || 'without a word'}`);
  }

  present(): number {
    return this.entries.filter(({ state }) => state === 'present').length;
  }

  cpuSeconds(): number {
    return this.entries.reduce((sum, one) => sum + one.cpuSeconds, 0);
  }

  roll(): readonly Member[] {
    return this.entries.map(({ cpuSeconds, plan, state }) => ({
      plan,
      cpuSeconds,
      isLost: state === 'lost',
    }));
  }

  async close(): Promise<void> {
    const { clock, folder } = this.options;
    await stopProcess(this.identity, STOP_BUDGET_MS, clock);
    await this.ended;
    await endGroup(this.identity, clock);
    for (const stream of [this.leader.stdin, lifelineOf(this.leader)]) stream?.destroy();
    await rm(folder, { recursive: true, force: true });
  }

  private tell(words: readonly (string | number)[]): void {
    this.leader.stdin?.write(`${words.join(' ')}\n`);
  }

  /** Each executable is another name of one file, so that hundreds of them cost nothing. */
  private link(executable: string): void {
    if (this.linked.has(executable)) return;
    this.linked.add(executable);
    linkSync(this.options.program, join(this.options.folder, executable));
  }

  private started(line: string): void {
    const [, number, pid] = line.split(' ').map(Number);
    const entry = this.entries[number ?? -1];
    const stat = pid === undefined ? undefined : readStat(pid);
    if (entry === undefined || pid === undefined) return;
    if (stat === undefined) entry.state = 'lost';
    else entry.identity = { pid, born: stat.born };
  }

  /** False when it is gone. */
  private lookAt(entry: Entry): boolean {
    if (entry.identity === undefined) return true;
    const stat = readStat(entry.identity.pid);
    const isThere = stat?.born === entry.identity.born;
    if (isThere) entry.cpuSeconds = stat.userSeconds + stat.systemSeconds;
    else entry.state = 'lost';
    return isThere;
  }
}

function lifelineOf({ stdio }: ChildProcess): Writable | undefined {
  return (stdio[LIFELINE_FD] ?? undefined) as Writable | undefined;
}
