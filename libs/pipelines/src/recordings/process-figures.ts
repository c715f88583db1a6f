import type { ProcessLife } from './process-lives.js';
import { between, pareto, randomOf, wholeBetween, type Random } from './random.js';

/** What the kernel would tell of a process. Counters count since its beginning. */
export type ProcessFigures = {
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly waitSeconds: number;
  readonly readBytes: bigint;
  readonly writtenBytes: bigint;
  readonly residentBytes: bigint;
  readonly virtualBytes: bigint;
  readonly threads: bigint;
  readonly files: bigint;
};

const PAGE_BYTES = 4096;
/** The kernel counts CPU time in hundredths of a second. */
const TICKS_PER_SECOND = 100;
/** The share of CPU time that is spent in the kernel, and how long is waited for each second of CPU. */
const SYSTEM_SHARE = 0.25;
const WAIT_SHARE = 0.02;

/** The figures of one process, scrape after scrape. Counters never fall. */
export class ProcessMeter {
  private readonly random: Random;
  private readonly cores: number;
  private readonly bytesPerSecond: number;
  private readonly virtualBytes: bigint;
  private readonly threads: bigint;
  private memory: number;
  private cpuSeconds: number;
  private readBytes: number;
  private writtenBytes: number;
  private readAt: number;

  /** `from` is when it is first looked at, in seconds since the recording began. */
  constructor(
    private readonly life: ProcessLife,
    from: number,
  ) {
    const { kind } = life;
    this.random = randomOf(life.seed);
    this.cores = pareto(this.random, kind.cpu);
    this.memory = kind.memory.least === 0 ? 0 : pareto(this.random, kind.memory);
    this.bytesPerSecond = kind.diskBytesPerSecond * between(this.random, 0, 2);
    this.virtualBytes = pages(this.memory * between(this.random, 1.5, 12));
    this.threads = BigInt(wholeBetween(this.random, ...kind.threads));
    const age = from - life.bornAt;
    this.cpuSeconds = this.cores * age;
    this.readBytes = this.bytesPerSecond * 0.7 * age;
    this.writtenBytes = this.bytesPerSecond * 0.3 * age;
    this.readAt = from;
  }

  /** @param now seconds since the recording began, never before the last look */
  at(now: number): ProcessFigures {
    const elapsed = now - this.readAt;
    this.readAt = now;
    // Load comes in bursts: half of the time little, at times a multiple, and on average what it is drawn with.
    this.cpuSeconds += this.cores * elapsed * this.random() ** 3 * 4;
    this.readBytes += this.bytesPerSecond * elapsed * this.random() * 1.4;
    this.writtenBytes += this.bytesPerSecond * elapsed * this.random() * 0.6;
    this.memory *= between(this.random, 0.97, 1.03);
    const [fewest, most] = this.life.kind.files;
    return {
      userSeconds: ticks(this.cpuSeconds * (1 - SYSTEM_SHARE)),
      systemSeconds: ticks(this.cpuSeconds * SYSTEM_SHARE),
      waitSeconds: ticks(this.cpuSeconds * WAIT_SHARE),
      readBytes: BigInt(Math.floor(this.readBytes)),
      writtenBytes: BigInt(Math.floor(this.writtenBytes)),
      residentBytes: pages(this.memory),
      virtualBytes: this.virtualBytes,
      threads: this.threads,
      files: BigInt(wholeBetween(this.random, fewest, most)),
    };
  }
}

function ticks(seconds: number): number {
  return Math.floor(seconds * TICKS_PER_SECOND) / TICKS_PER_SECOND;
}

function pages(bytes: number): bigint {
  return BigInt(Math.round(bytes / PAGE_BYTES) * PAGE_BYTES);
}
