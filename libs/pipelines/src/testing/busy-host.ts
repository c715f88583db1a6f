import type { MetricsData } from '#lib/otlp';
import { scrapeOf, type ProcessState } from './scrapes.js';

const second = 1_000_000_000n;

/** What one process of the busy host does, for ever: CPU in cores, memory in MiB, disk in bytes each second. */
export type Habit = {
  readonly pid: number;
  readonly executable: string;
  readonly parentPid?: number;
  readonly cores: number;
  readonly mebibytes: number;
  readonly disk: number;
};

const habit = (
  executable: string,
  pid: number,
  [cores, mebibytes, disk]: readonly [number, number, number],
): Habit => ({ pid, executable, cores, mebibytes, disk });

const many = (count: number, one: (index: number) => Habit): readonly Habit[] =>
  Array.from({ length: count }, (_, index) => one(index));

/**
 * A host of 120 processes as they are met in practice: a database, a web server and three applications that work,
 * and very many that do next to nothing.
 */
export const busyHost: readonly Habit[] = [
  ...many(8, (i) => habit('postgres', 100 + i, [i === 0 ? 0.6 : 0.01, 200 - i, 5000])),
  ...many(4, (i) => habit('nginx', 200 + i, [0.15 + i / 100, 40, 800])),
  ...many(3, (i) => habit('java', 300 + i, [0.4 - i / 10, 1500 - i, 2000])),
  ...many(5, (i) => habit('node', 400 + i, [0.03, 90 + i, 100])),
  ...many(20, (i) => habit('bash', 500 + i, [0, 4, 0])),
  ...many(20, (i) => habit(`daemon-${i % 10}`, 600 + i, [0.001, 8 + i, 10])),
  ...many(60, (i) => ({ ...habit(`kworker/${i % 4}:${i}`, 700 + i, [0.0005, 0, 0]), parentPid: 2 })),
];

/** Scrapes of these processes, ten seconds apart, the first one ten seconds after `startedAt` (epoch nanoseconds). */
export function scrapesOf(
  habits: readonly Habit[],
  startedAt: bigint,
  count: number,
): readonly MetricsData[] {
  return Array.from({ length: count }, (_, index) =>
    scrapeOf(habits.map((one) => stateAfter(one, startedAt, (index + 1) * 10))),
  );
}

function stateAfter(one: Habit, startedAt: bigint, seconds: number): ProcessState {
  return {
    pid: one.pid,
    executable: one.executable,
    ...(one.parentPid !== undefined && { parentPid: one.parentPid }),
    startedAt: startedAt + second,
    readAt: startedAt + BigInt(seconds) * second,
    // The scrape books a quarter of it again as system time.
    cpuSeconds: (one.cores * (seconds - 1)) / 1.25,
    diskBytes: BigInt(Math.round(one.disk * (seconds - 1))),
    memoryBytes: BigInt(one.mebibytes) * 1024n * 1024n,
  };
}
