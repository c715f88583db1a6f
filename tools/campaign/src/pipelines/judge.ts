import type { Case } from './cases.js';
import type { Scrape } from './scrape.js';

/** What was seen of one template on the real collector. */
export interface Observation {
  readonly case: Case;
  readonly intervalSeconds: number;
  readonly seconds: number;
  /** Why the collector did not take the configuration, or how it ended by itself. */
  readonly failure?: string;
  readonly scrapes: readonly Scrape[];
  /** What the ranking tap sent; undefined for a pipeline that has none. */
  readonly taps?: readonly Scrape[];
  /** Metrics that rank processes, which the tap must carry alone. */
  readonly rankingMetrics: readonly string[];
  /** Lines of the collector's log that tell of an error. */
  readonly errors: readonly string[];
  /** Pids of processes that ran all the time and must be kept one by one. */
  readonly critical: readonly number[];
  /** What the unreduced pipeline sent of the same machine at the same time. */
  readonly reference: readonly Scrape[];
}

export const properties = {
  loads: 'the collector takes the configuration, and runs with it to the end',
  emits: 'points come at every interval, but for one in four that a busy machine may skip',
  reduces: 'fewer series than the baseline at the defaults, and never more but for what comes and goes',
  'keeps critical processes': 'each of them is in every scrape, as a process of its own',
  'ranks apart': 'the ranking tap sends what ranks processes, and nothing else',
  'logs no errors': 'no line of the log of the collector tells of an error',
} as const;
export type Property = keyof typeof properties;

export interface Violation {
  readonly property: Property;
  readonly what: string;
}

/** Two pipelines do not look at the same moment, and processes come and go between. */
const COMINGS = 1.1;

/** Scrapes that may not be missed; on a machine with too much to do the collector's ticker skips some. */
const ON_TIME = 0.75;

const judges: Readonly<Record<Property, (seen: Observation) => string | undefined>> = {
  loads: ({ failure }) => failure,
  emits,
  reduces,
  'keeps critical processes': keepsCritical,
  'ranks apart': ranksApart,
  'logs no errors': ({ errors }) =>
    errors.length === 0 ? undefined : `${errors.length} lines, the first: ${errors[0]?.slice(0, 300)}`,
};

/** All that does not hold; of a pipeline that did not run nothing more is said. */
export function judge(seen: Observation): readonly Violation[] {
  const names = Object.keys(judges) as readonly Property[];
  const found = names.flatMap((property) => {
    const what = judges[property](seen);
    return what === undefined ? [] : [{ property, what }];
  });
  return seen.failure === undefined ? found : found.filter(({ property }) => property === 'loads');
}

/** Mean of the series of a scrape. */
export function meanSeries(scrapes: readonly Scrape[]): number {
  return scrapes.reduce((sum, { series }) => sum + series, 0) / Math.max(1, scrapes.length);
}

/** The first scrape comes at once. */
function emits({ intervalSeconds, scrapes, seconds }: Observation): string | undefined {
  const expected = Math.max(1, Math.floor((ON_TIME * seconds) / intervalSeconds));
  const filled = scrapes.filter(({ points }) => points > 0).length;
  return filled < expected ? `${filled} scrapes with points, where ${expected} are the least` : undefined;
}

function reduces({ case: { end, template }, reference, scrapes }: Observation): string | undefined {
  if (reference.length === 0) return 'nothing came of the baseline to compare with';
  const [ours, theirs] = [meanSeries(scrapes), meanSeries(reference)];
  const most = Math.round(COMINGS * Math.max(...reference.map(({ series }) => series)));
  if (template === 'baseline') return undefined;
  if (ours > most)
    return `${Math.round(ours)} series, where the baseline has ${most} at most, with what comes and goes`;
  return end === 'default' && ours >= theirs
    ? `${Math.round(ours)} series, where the baseline has ${Math.round(theirs)}`
    : undefined;
}

function keepsCritical({ critical, scrapes }: Observation): string | undefined {
  if (critical.length === 0) return 'there was no critical process to keep';
  const lacking = scrapes.filter(({ pids }) => critical.some((pid) => !pids.has(pid))).length;
  return lacking === 0 ? undefined : `${lacking} of ${scrapes.length} scrapes lack one`;
}

function ranksApart({ rankingMetrics, taps }: Observation): string | undefined {
  if (taps === undefined) return undefined;
  const [last] = taps.slice(-1);
  if (last === undefined) return 'nothing came from the tap';
  const strange = taps.flatMap(({ metrics }) => [...metrics]).find((name) => !rankingMetrics.includes(name));
  if (strange !== undefined) return `the tap carries ${strange}`;
  const missing = rankingMetrics.find((name) => !last.metrics.has(name));
  return missing === undefined ? undefined : `the tap carries no ${missing}`;
}
