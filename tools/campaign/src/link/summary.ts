import { sightingsOf, type Sighting } from './netns/sightings.js';
import type { HistoryLine, LineType } from './history/lines.js';
import { check, History, judgedDepartures, type Violation } from './checker/index.js';

/** What came of one seed. */
export interface SeedResult {
  readonly seed: number;
  readonly seconds: number;
  /** Faults by their kind. */
  readonly faults: Readonly<Record<string, number>>;
  readonly results: number;
  readonly windows: number;
  /** Windows that hosts gave up, as the table of gaps has them. */
  readonly lostWindows: number;
  readonly tasks: number;
  readonly orders: number;
  readonly restarts: number;
  /** Crashes that the plan arranged and that came at their step, and ends of processes that nobody arranged. */
  readonly crashes: { readonly arranged: number; readonly unexpected: number };
  /** Times that a host was found offline, and connections that were given up for want of a pong. */
  readonly offline: number;
  readonly pingTimeouts: number;
  /** What the check of redelivery could judge. */
  readonly redelivery: { readonly tasks: number; readonly departures: number };
  readonly violations: readonly Violation[];
  /** What the kernel saw of faults of real links. */
  readonly sightings: readonly Sighting[];
}

/** Holds a history against the properties, and counts what took place in it. */
export function summarize(seed: number, lines: readonly HistoryLine[], seconds: number): SeedResult {
  const count = (type: LineType, of: (line: HistoryLine) => boolean = () => true): number =>
    lines.filter((line) => line.type === type && of(line)).length;
  const faults: Record<string, number> = {};
  for (const line of lines) if (line.type === 'fault') faults[line.kind] = (faults[line.kind] ?? 0) + 1;
  const lost = lines.map((line) => (line.type === 'gap-row' ? line.toN - line.fromN + 1 : 0));
  return {
    ...{ seed, seconds, faults },
    results: count('stored', (line) => line.type === 'stored' && line.stream === 'UPLINK'),
    windows: count('stored', (line) => line.type === 'stored' && line.stream === 'METRICS'),
    lostWindows: lost.reduce((sum, n) => sum + n, 0),
    tasks: count('asked'),
    orders: count('handed', (line) => line.type === 'handed' && line.kind === 'ApplyCollectors'),
    restarts: count('boot'),
    crashes: {
      arranged: count('process-ended', (line) => line.type === 'process-ended' && line.isArranged),
      unexpected: count('process-ended', (line) => line.type === 'process-ended' && !line.isArranged),
    },
    offline: count('presence-event', (line) => line.type === 'presence-event' && line.phase === 'offline'),
    pingTimeouts: count('ping-timeout'),
    redelivery: redeliveryOf(lines),
    violations: check(lines),
    sightings: sightingsOf(lines),
  };
}

function redeliveryOf(lines: readonly HistoryLine[]): SeedResult['redelivery'] {
  const judged = judgedDepartures(new History(lines));
  return { tasks: judged.reduce((sum, { taskIds }) => sum + taskIds.size, 0), departures: judged.length };
}
