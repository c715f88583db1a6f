import fc from 'fast-check';
import type { MetricsData } from '#lib/otlp';
import { scrapeOf, type ProcessState } from './scrapes.js';

const second = 1_000_000_000n;

type Life = {
  readonly pid: number;
  readonly executable: string;
  readonly parentPid: number;
  /** First and last scrape that sees it; born before all scrapes where the first is 0 and `old` is true. */
  readonly from: number;
  readonly to: number;
  readonly old: boolean;
  readonly cpuSteps: readonly number[];
  readonly diskSteps: readonly number[];
  readonly memory: readonly number[];
};

const scrapeCount = 6;

/** Names that are common, and names that break careless quoting. */
const executables = [
  'nginx',
  'postgres',
  'node',
  'kworker/0:1',
  'kworker/1:2-mm',
  'we"ird\\$name${x}',
  'größe',
  'a b',
];

const steps = (max: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max }), { minLength: scrapeCount, maxLength: scrapeCount });

const life: fc.Arbitrary<Life> = fc
  .record({
    pid: fc.integer({ min: 3, max: 40 }),
    executable: fc.constantFrom(...executables),
    parentPid: fc.constantFrom(1, 2),
    from: fc.integer({ min: 0, max: scrapeCount - 1 }),
    length: fc.integer({ min: 1, max: scrapeCount }),
    old: fc.boolean(),
    cpuSteps: steps(10),
    diskSteps: steps(100_000),
    memory: steps(1_000_000),
  })
  .map(({ length, ...rest }) => ({ ...rest, to: Math.min(rest.from + length, scrapeCount) }));

/**
 * Six scrapes, ten seconds apart, of processes that come, grow and go; the pipeline started at `startedAt`.
 * As in a real scrape each process is read a little after the one before it.
 */
export function scrapeHistory(startedAt: bigint): fc.Arbitrary<readonly MetricsData[]> {
  return fc
    .uniqueArray(life, { minLength: 1, maxLength: 12, selector: ({ pid }) => pid })
    .map((lives) => [...lives].sort((a, b) => a.pid - b.pid))
    .map((lives) =>
      Array.from({ length: scrapeCount }, (_, scrape) =>
        scrapeOf(
          lives
            .filter(({ from, to }) => from <= scrape && scrape < to)
            .map((one, order) => stateAt(one, { scrape, order, startedAt })),
        ),
      ),
    );
}

type Moment = { readonly scrape: number; readonly order: number; readonly startedAt: bigint };

function stateAt(one: Life, { scrape, order, startedAt }: Moment): ProcessState {
  const tick = (index: number): bigint => startedAt + BigInt(index + 1) * 10n * second;
  const grown = (all: readonly number[]): number =>
    all.slice(one.from, scrape + 1).reduce((sum, step) => sum + step, 0);
  return {
    pid: one.pid,
    executable: one.executable,
    parentPid: one.parentPid,
    startedAt: one.old ? startedAt - 30n * 86_400n * second : tick(one.from) - second,
    readAt: tick(scrape) + BigInt(order) * 1_000_003n,
    cpuSeconds: grown(one.cpuSteps) / 8,
    diskBytes: BigInt(grown(one.diskSteps)),
    memoryBytes: BigInt(one.memory[scrape] ?? 0),
  };
}
