import type { CollectorLimits } from '#lib/agent-protocol';
import type { Rhythm } from '#lib/pipelines';
import type { Door } from '../meter/self-telemetry.js';
import { Sustained } from './sustained.js';
import type { Trip } from './trip.js';

/** One look at a collector. */
export type Look = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly rssBytes: number;
  /** CPU used since it started. */
  readonly cpuSeconds: number;
  /** Requests that the meter had of it since it was admitted. */
  readonly exports: number;
  /** It works, so it is to export; false while it starts, which has a budget of its own. */
  readonly isExporting: boolean;
};

/** By receiver and exporter, counted since the collector started; and what the agent itself handed to it. */
export type Doors = ReadonlyMap<string, Door>;

/** A longer pause between two looks says that the agent itself stood still, or that the clock was set. */
const LONGEST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_OF_DOORS_MS = 25_000;
const SHORTEST_SPAN_MS = 5_000;
const MEBIBYTE = 1024 * 1024;

/**
 * Judges one collector by its limits, from looks each second and from what it tells of its doors. Nothing here knows
 * of the link: being cut off breaks no limit. A pause of the agent begins every count anew.
 */
export class Watch {
  private readonly memory: Sustained;
  private readonly cpu: Sustained;
  private readonly drops: Sustained;
  private readonly spanMs: number;
  private looks: readonly Look[] = [];
  private heard: { readonly exports: number; readonly at: number } | undefined;
  private doors: { readonly counts: Doors; readonly at: number } | undefined;

  constructor(
    private readonly limits: CollectorLimits,
    private readonly rendered: Rhythm,
  ) {
    this.memory = new Sustained(limits.memory.seconds * 1000);
    this.cpu = new Sustained(limits.cpu.seconds * 1000);
    this.drops = new Sustained(limits.drops.seconds * 1000);
    this.spanMs = Math.max(SHORTEST_SPAN_MS, rendered.intervalSeconds * 1000);
  }

  /** Takes a look. @returns the first guardrail that is broken by now */
  look(look: Look): Trip | undefined {
    const before = this.looks.at(-1);
    if (before !== undefined && isPause(look.at - before.at, LONGEST_PAUSE_MS)) this.beginAnew();
    return this.tooMuchMemory(look) ?? this.tooMuchCpu(look) ?? this.tooSilent(look);
  }

  /** Takes what is told of the doors, some ten seconds after the time before; of a door left out nothing is new. */
  tell(told: Doors, at: number): Trip | undefined {
    const before = this.doors;
    const counts = new Map([...(before?.counts ?? []), ...told]);
    this.doors = { counts, at };
    if (before === undefined) return undefined;
    const span = at - before.at;
    if (isPause(span, LONGEST_PAUSE_OF_DOORS_MS)) {
      this.drops.forget();
      return undefined;
    }
    const { percent, seconds } = this.limits.drops;
    const worst = worstDoor(before.counts, counts);
    if (!this.drops.note(at, worst.percent > percent, span)) return undefined;
    const reason = `lost ${worst.percent.toFixed(0)} % of the data at ${worst.name} for ${seconds} s, more than ${percent} %`;
    return { guardrail: 'drops', reason };
  }

  private tooMuchMemory({ at, rssBytes }: Look): Trip | undefined {
    const limit = this.limits.memory;
    if (!this.memory.note(at, rssBytes > limit.rssBytes)) return undefined;
    const reason = `held ${mebibytes(rssBytes)} of memory, more than ${mebibytes(limit.rssBytes)} for ${limit.seconds} s`;
    return { guardrail: 'memory', reason };
  }

  private tooMuchCpu(look: Look): Trip | undefined {
    // The newest look that is a whole span old, and all after it.
    const start = this.looks.findLast(({ at }) => look.at - at >= this.spanMs);
    this.looks = [...this.looks.filter(({ at }) => at >= (start?.at ?? 0)), look];
    if (start === undefined) return undefined;
    const span = look.at - start.at;
    const used = ((look.cpuSeconds - start.cpuSeconds) * 100_000) / span;
    const { percent, seconds } = this.limits.cpu;
    if (!this.cpu.note(look.at, used > percent, span)) return undefined;
    const reason = `used ${used.toFixed(0)} % of a core, more than ${percent} % for ${seconds} s`;
    return { guardrail: 'cpu', reason };
  }

  private tooSilent({ at, exports, isExporting }: Look): Trip | undefined {
    if (!isExporting || this.heard?.exports !== exports) this.heard = { exports, at };
    const { intervals, seconds } = this.limits.silence;
    const { holdSeconds = 0, intervalSeconds } = this.rendered;
    const allowed = Math.max(intervals * intervalSeconds, 2 * holdSeconds, seconds) * 1000;
    const silent = at - this.heard.at;
    if (silent < allowed) return undefined;
    const reason = `exported nothing for ${(silent / 1000).toFixed(0)} s, at an interval of ${Math.max(holdSeconds, intervalSeconds)} s`;
    return { guardrail: 'silence', reason };
  }

  private beginAnew(): void {
    this.memory.forget();
    this.cpu.forget();
    this.looks = [];
    this.heard = undefined;
  }
}

function isPause(passedMs: number, longestMs: number): boolean {
  return passedMs <= 0 || passedMs > longestMs;
}

/** The door that lost the largest part of what came to it between two countings. */
function worstDoor(before: Doors, after: Doors): { readonly name: string; readonly percent: number } {
  let worst = { name: 'no door', percent: 0 };
  for (const [name, { lost, passed }] of after) {
    const then = before.get(name) ?? { lost: 0, passed: 0 };
    const newlyLost = lost - then.lost;
    const all = newlyLost + passed - then.passed;
    const percent = all > 0 ? (newlyLost * 100) / all : 0;
    if (percent > worst.percent) worst = { name, percent };
  }
  return worst;
}

function mebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(0)} MiB`;
}
