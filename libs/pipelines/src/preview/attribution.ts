import type { KnownAttribute } from './known-sets.js';
import type { Layout, SeriesShape } from './layouts.js';
import type { PreviewReport } from './report.js';
import type { SeenResource, VariantProfile } from './variant-profile.js';

type Place = 'resource' | 'point';
/** An attribute key on resources or on points. */
export type AttributeKey = { readonly on: Place; readonly name: string };

/** The series of a variant, as a table: a row for each, with its resource and its shape. */
type Series = { readonly resource: SeenResource; readonly shape: SeriesShape; readonly points: number };

/** What a variant's series can be charged to. Made once for a profile, as it takes a walk over all series. */
export class SeriesTable {
  readonly rows: readonly Series[];
  /** Distinct values of each attribute. */
  readonly values: ReadonlyMap<string, number>;

  constructor({ resources }: VariantProfile) {
    this.rows = [...resources.values()].flatMap(seriesOf);
    const values = new Map<string, Set<number>>();
    const collect = (on: Place, attributes: readonly KnownAttribute[]): void => {
      for (const { id, key } of attributes) {
        const text = textOf({ on, name: key });
        values.set(text, (values.get(text) ?? new Set()).add(id));
      }
    };
    for (const { attributes } of resources.values()) collect('resource', attributes);
    for (const shape of new Set(this.rows.map((row) => row.shape))) collect('point', shape.attributes);
    this.values = new Map([...values].map(([key, ids]) => [key, ids.size]));
  }

  /** Series and points of each metric. */
  ofMetrics(): ReadonlyMap<string, { readonly series: number; readonly points: number }> {
    const found = new Map<string, { series: number; points: number }>();
    for (const { points, shape } of this.rows) {
      const counts = found.get(shape.metric) ?? { series: 0, points: 0 };
      counts.series++;
      counts.points += points;
      found.set(shape.metric, counts);
    }
    return found;
  }

  /**
   * How many series there would be with no attribute, and how many more each attribute makes when it is added to
   * those before it. By this chain everything adds up to the number of series, whatever the order.
   */
  chain(keys: readonly AttributeKey[]): { readonly alone: number; readonly gained: readonly number[] } {
    let classes = this.rows.map(({ shape }) => shape.stream);
    const alone = new Set(classes).size;
    let before = alone;
    const gained = keys.map((key) => {
      if (before === this.rows.length) return 0;
      const refined = refine(classes, this.idsOf(key));
      const more = refined.count - before;
      classes = refined.classes;
      before = refined.count;
      return more;
    });
    return { alone, gained };
  }

  /** The value of an attribute in each series, 0 where it has none. */
  private idsOf({ name, on }: AttributeKey): readonly number[] {
    const idOf = ({ attributes }: SeenResource | SeriesShape): number =>
      attributes.find(({ key }) => key === name)?.id ?? 0;
    return on === 'resource'
      ? eachOnce(this.rows, ({ resource }) => resource, idOf)
      : eachOnce(this.rows, ({ shape }) => shape, idOf);
  }
}

/** Something of the owner of each row, found out once for each owner; neighbours often have the same one. */
function eachOnce<O extends object>(
  rows: readonly Series[],
  ownerOf: (row: Series) => O,
  find: (owner: O) => number,
): readonly number[] {
  const known = new Map<O, number>();
  let last: O | undefined;
  let found = 0;
  return rows.map((row) => {
    const owner = ownerOf(row);
    if (owner === last) return found;
    last = owner;
    found = known.get(owner) ?? find(owner);
    known.set(owner, found);
    return found;
  });
}

/** Splits classes by another value. Values are below 2^26, and so are classes, so their pair is a number. */
function refine(
  classes: readonly number[],
  values: readonly number[],
): { readonly classes: number[]; readonly count: number } {
  const numbers = new Map<number, number>();
  const refined = classes.map((one, index) => {
    const pair = one * 2 ** 26 + (values[index] ?? 0);
    const number = numbers.get(pair) ?? numbers.size;
    numbers.set(pair, number);
    return number;
  });
  return { classes: refined, count: numbers.size };
}

function seriesOf(resource: SeenResource): readonly Series[] {
  const points = new Map<SeriesShape, number>();
  const add = ({ series }: Layout, times: number): void => {
    for (const one of series) points.set(one.shape, (points.get(one.shape) ?? 0) + one.points * times);
  };
  for (const [layout, times] of resource.layouts) add(layout, times);
  return [...points].map(([shape, count]) => ({ resource, shape, points: count }));
}

type Attribution = PreviewReport['attribution'];

/** What of the reduction goes back to which metric and which attribute. */
export function attributionOf(baseline: SeriesTable, candidate: SeriesTable): Attribution {
  const keys = inOrder(baseline, candidate);
  const [before, after] = [baseline.chain(keys), candidate.chain(keys)];
  return {
    metrics: metricsOf(baseline, candidate),
    metricsAlone: {
      series: { baseline: before.alone, candidate: after.alone },
      saved: before.alone - after.alone,
    },
    attributes: keys.map((key, index) => {
      const series = { baseline: before.gained[index] ?? 0, candidate: after.gained[index] ?? 0 };
      const text = textOf(key);
      return {
        ...key,
        values: { baseline: baseline.values.get(text) ?? 0, candidate: candidate.values.get(text) ?? 0 },
        series,
        saved: series.baseline - series.candidate,
      };
    }),
  };
}

function metricsOf(baseline: SeriesTable, candidate: SeriesTable): Attribution['metrics'] {
  const [before, after] = [baseline.ofMetrics(), candidate.ofMetrics()];
  const none = { series: 0, points: 0 };
  return [...new Set([...before.keys(), ...after.keys()])].sort().map((name) => {
    const [was, is] = [before.get(name) ?? none, after.get(name) ?? none];
    const saved = { series: was.series - is.series, points: was.points - is.points };
    return { name, baseline: { ...was }, candidate: { ...is }, saved };
  });
}

/** Coarse before fine, so that what tells hosts apart is charged to the host and not to a process on it. */
function inOrder({ values: before }: SeriesTable, { values: after }: SeriesTable): readonly AttributeKey[] {
  const byName = (a: string, b: string): number => Number(a > b) - Number(a < b);
  const known = [...before.keys()].sort(
    (a, b) => (before.get(a) ?? 0) - (before.get(b) ?? 0) || byName(a, b),
  );
  const added = [...after.keys()].filter((key) => !before.has(key)).sort(byName);
  return [...known, ...added].map(keyOf);
}

/** Keys of attributes that only the first of two variants has. */
export function attributesOnlyIn(one: SeriesTable, other: SeriesTable): readonly AttributeKey[] {
  return [...one.values.keys()]
    .filter((key) => !other.values.has(key))
    .sort()
    .map(keyOf);
}

function textOf({ name, on }: AttributeKey): string {
  return `${on} ${name}`;
}

function keyOf(text: string): AttributeKey {
  const blank = text.indexOf(' ');
  return { on: text.slice(0, blank) === 'resource' ? 'resource' : 'point', name: text.slice(blank + 1) };
}
