import { readdirSync, readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number; `born` is boot id and start ticks. */
export type ProcessIdentity = { readonly pid: number; readonly born: string };

/** What `/proc/<pid>/stat` tells (proc(5)); ticks and pages are converted. */
export type ProcessStat = {
  readonly pid: number;
  readonly name: string;
  readonly state: string;
  readonly parentPid: number;
  /** Number of its process group, which is that of the group's leader. */
  readonly group: number;
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly waitSeconds: number;
  readonly threads: number;
  /** Seconds after boot. */
  readonly startSeconds: number;
  readonly born: string;
  readonly virtualBytes: number;
  readonly rssBytes: number;
};

/** Auxiliary vector entries (elf.h) of the two numbers that the kernel counts in. */
const AT_PAGESZ = 6n;
const AT_CLKTCK = 17n;

/** The kernel counts memory in pages of this size. */
export const PAGE_BYTES = auxiliary(AT_PAGESZ) ?? 4096;
const TICKS_PER_SECOND = auxiliary(AT_CLKTCK) ?? 100;
const BOOT_ID = readText('/proc/sys/kernel/random/boot_id')?.trim() ?? '';

/** One process; undefined when there is none, or only its remains. */
export function readStat(pid: number): ProcessStat | undefined {
  const line = readText(`/proc/${pid}/stat`);
  if (line === undefined) return undefined;
  // The name stands in parentheses and may hold anything, so the fields are counted from its end.
  const end = line.lastIndexOf(')');
  const fields = line.slice(end + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3] ?? 0);
  const state = fields[0] ?? '';
  if (state === 'Z' || state === 'X') return undefined;
  return {
    ...{ pid, state, name: line.slice(line.indexOf('(') + 1, end), parentPid: field(4) },
    group: field(5),
    userSeconds: field(14) / TICKS_PER_SECOND,
    systemSeconds: field(15) / TICKS_PER_SECOND,
    waitSeconds: field(42) / TICKS_PER_SECOND,
    threads: field(20),
    startSeconds: field(22) / TICKS_PER_SECOND,
    born: `${BOOT_ID}:${field(22)}`,
    virtualBytes: field(23),
    rssBytes: field(24) * PAGE_BYTES,
  };
}

export function isRunning({ pid, born }: ProcessIdentity): boolean {
  return readStat(pid)?.born === born;
}

/** Numbers of all processes. */
export function listPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The arguments of a process, its name first; empty for kernel threads and for who is gone. */
export function readArguments(pid: number): readonly string[] {
  return (readText(`/proc/${pid}/cmdline`) ?? '').split('\0').filter((word) => word !== '');
}

/** The environment that a process was started with; empty where it is not ours to read. */
export function readEnvironment(pid: number): ReadonlyMap<string, string> {
  const entries = (readText(`/proc/${pid}/environ`) ?? '').split('\0').map((entry) => {
    const end = entry.indexOf('=');
    return [entry.slice(0, end), entry.slice(end + 1)] as const;
  });
  return new Map(entries);
}

/** The content of a file below `/proc`; undefined when it is gone or not ours to read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function auxiliary(type: bigint): number | undefined {
  try {
    const vector = readFileSync('/proc/self/auxv');
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      if (vector.readBigUInt64LE(at) === type) return Number(vector.readBigUInt64LE(at + 8));
    }
  } catch {
    // Not Linux: nothing below works either.
  }
  return undefined;
}
