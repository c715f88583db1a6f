import { coverage, type Span } from './coverage.js';
import { MAX_LOST_NAMES } from './limits.js';
import { attributeSketches, MinuteSeries, unionSketch } from './minute-series.js';
import type {
  LostName,
  MinuteSummary,
  MinuteVariant,
  SeriesCount,
  SeriesDifference,
  Variant,
} from './model.js';
import { NameRegistry, NO_NAME_INDEX } from './name-registry.js';
import type { SeriesEntry } from './series-table.js';

type Collector = { readonly instance: string; readonly variant: Variant };
type Part = {
  readonly variant: Variant;
  readonly series: MinuteSeries;
  readonly spans: Span[];
  hasMissed: boolean;
};

/** All series of a host within one wall-clock minute, by collector. Indices of names live as long as it does. */
export class Minute {
  readonly metrics = new NameRegistry();
  readonly executables = new NameRegistry();
  readonly services = new NameRegistry();
  readonly namespaces = new NameRegistry();
  private readonly parts = new Map<string, Part>();

  constructor(readonly start: number) {}

  /** The series of one collector; the same for the whole minute. */
  seriesOf(collector: Collector): MinuteSeries {
    return this.part(collector).series;
  }

  /** Notes that a collector was watched; one that sent nothing still counts as present. */
  cover(collector: Collector, span: Span): void {
    this.part(collector).spans.push(span);
  }

  /** Notes that a collector was not given all of its data: nothing is known of the series of its variant. */
  miss(collector: Collector): void {
    this.part(collector).hasMissed = true;
  }

  summary(): MinuteSummary {
    const baseline = this.of('baseline');
    const candidate = this.of('candidate');
    const variants = [
      ...(baseline.length > 0 ? [this.variant('baseline', baseline)] : []),
      ...(candidate.length > 0 ? [this.variant('candidate', candidate)] : []),
    ];
    const both = variants.length === 2;
    return { start: this.start, variants, difference: both ? this.difference(baseline, candidate) : null };
  }

  private part({ instance, variant }: Collector): Part {
    const known = this.parts.get(instance);
    if (known !== undefined) return known;
    const part = { variant, series: new MinuteSeries(), spans: [], hasMissed: false };
    this.parts.set(instance, part);
    return part;
  }

  /** None where one of them missed something. */
  private of(variant: Variant): Part[] {
    const parts = [...this.parts.values()].filter((part) => part.variant === variant);
    return parts.some(({ hasMissed }) => hasMissed) ? [] : parts;
  }

  private variant(variant: Variant, parts: readonly Part[]): MinuteVariant {
    const series = parts.map((part) => part.series);
    const sketch = unionSketch(series);
    return {
      variant,
      coveredSeconds: coverage(parts.flatMap((part) => part.spans)).covered,
      series: countOf(series, sketch.estimate()),
      sketch: sketch.toText(),
      attributes: attributeSketches(series),
    };
  }

  private difference(baseline: readonly Part[], candidate: readonly Part[]): SeriesDifference {
    const mine = baseline.map((part) => part.series);
    const theirs = candidate.map((part) => part.series);
    if (![...mine, ...theirs].every((series) => series.isExact)) return estimatedDifference(mine, theirs);
    const lost = missing(mine, theirs);
    return {
      lost: { value: lost.length, exact: true },
      gained: { value: missing(theirs, mine).length, exact: true },
      lostExecutables: top(lost, (entry) => entry.executable, this.executables),
      lostMetrics: top(lost, (entry) => entry.metric, this.metrics),
    };
  }
}

function countOf(parts: readonly MinuteSeries[], estimate: number): SeriesCount {
  if (!parts.every((part) => part.isExact)) return { value: Math.round(estimate), exact: false };
  return { value: missing(parts, []).length, exact: true };
}

/** The distinct series of `parts` that none of `others` holds. */
function missing(parts: readonly MinuteSeries[], others: readonly MinuteSeries[]): SeriesEntry[] {
  const entries: SeriesEntry[] = [];
  parts.forEach(({ table }, i) => {
    const seen = [...parts.slice(0, i), ...others];
    for (const entry of table.entries()) {
      if (!seen.some((other) => other.table.has(entry.lo, entry.hi))) entries.push(entry);
    }
  });
  return entries;
}

/** |A without B| = |A union B| - |B|; the error is that of the union, so small differences drown in it. */
function estimatedDifference(
  mine: readonly MinuteSeries[],
  theirs: readonly MinuteSeries[],
): SeriesDifference {
  const union = unionSketch([...mine, ...theirs]).estimate();
  const without = (parts: readonly MinuteSeries[]): SeriesCount => ({
    value: Math.max(0, Math.round(union - unionSketch(parts).estimate())),
    exact: false,
  });
  return { lost: without(theirs), gained: without(mine), lostExecutables: [], lostMetrics: [] };
}

function top(
  lost: readonly SeriesEntry[],
  indexOf: (entry: SeriesEntry) => number,
  names: NameRegistry,
): LostName[] {
  const series = new Map<number, number>();
  for (const entry of lost) series.set(indexOf(entry), (series.get(indexOf(entry)) ?? 0) + 1);
  series.delete(NO_NAME_INDEX);
  return [...series]
    .map(([index, count]) => ({ name: names.name(index), series: count }))
    .sort((a, b) => b.series - a.series || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_LOST_NAMES);
}
