import {
  NOTHING,
  isoTime,
  rankedNames,
  seriesByName,
  spanOf,
  trafficByName,
  trafficOfAll,
  trafficRow,
  valuesRow,
  type OfBoth,
  type Span,
  type TrafficByName,
} from '#lib/domain';
import { ATTRIBUTE_ERROR, NONE, OTHER, attributeValues, valuesOfAll } from '#lib/metering';
import type { JudgedBlock } from '../shared/views/blocks.js';
import type { Breakdown } from '../shared/views/breakdown.view.js';
import { namedBlocks, nameless, uncounted, type Dimension } from './dimension.js';

const buckets = { rest: OTHER, unnamed: NONE };

type Rows = Pick<Breakdown, 'names' | 'rows' | 'rest' | 'unnamed'>;
const NO_ROWS: Rows = { names: 0, rows: [], rest: null, unnamed: null };

/** The traffic of blocks that hold both variants by name: at most `limit` rows and the rest. Pure. */
export function breakdownOf(
  blocks: readonly JudgedBlock[],
  dimension: Dimension,
  limit: number,
): Omit<Breakdown, 'experiment'> {
  const { by, label = null } = dimension;
  const told = blocks.filter((block) => !uncounted(block, by));
  const span = spanOf(told.map(({ block }) => block));
  const rows = span === undefined ? NO_ROWS : rowsOf(told, dimension, { limit, window: span });
  return {
    ...{ by, label, ...rows },
    window: span === undefined ? null : { from: isoTime(span.from), to: isoTime(span.to) },
    hosts: new Set(told.map(({ block }) => block.host)).size,
    reason: rows.rows.length > 0 ? null : blocks.length === 0 ? NOTHING : reasonOf(told, dimension),
  };
}

type Extent = { readonly limit: number; readonly window: Span };

function reasonOf(told: readonly JudgedBlock[], dimension: Dimension): string {
  return nameless(dimension, told.length > 0);
}

function rowsOf(blocks: readonly JudgedBlock[], dimension: Dimension, extent: Extent): Rows {
  if (dimension.by === 'attribute') return valueRows(blocks, extent);
  const of = (variant: 'baseline' | 'candidate'): TrafficByName =>
    trafficByName(namedBlocks(blocks, variant, dimension));
  const traffic = { baseline: of('baseline'), candidate: of('candidate') };
  const formulaVersion =
    dimension.by === 'host-group' ? dimension.formulaVersion : 'named-series-block-mean/1';
  const about = { window: extent.window, formulaVersion };
  const both = (names: readonly string[]) => ({
    baseline: trafficOfAll(traffic.baseline, names),
    candidate: trafficOfAll(traffic.candidate, names),
  });
  const counts = { baseline: seriesByName(traffic.baseline), candidate: seriesByName(traffic.candidate) };
  return cut(counts, extent.limit, (name, names) => trafficRow(name, both(names), about));
}

function valueRows(blocks: readonly JudgedBlock[], { limit, window }: Extent): Rows {
  const of = (variant: 'baseline' | 'candidate') =>
    attributeValues(blocks.flatMap(({ block }) => block[variant] ?? []));
  const values = { baseline: of('baseline') ?? new Map(), candidate: of('candidate') ?? new Map() };
  const both = (keys: readonly string[]) => ({
    baseline: valuesOfAll(values.baseline, keys),
    candidate: valuesOfAll(values.candidate, keys),
  });
  const counted = (variant: 'baseline' | 'candidate'): ReadonlyMap<string, number> =>
    new Map([...values[variant].keys()].map((key) => [key, valuesOfAll(values[variant], [key])]));
  const counts = { baseline: counted('baseline'), candidate: counted('candidate') };
  const about = { window, standardError: ATTRIBUTE_ERROR };
  return cut(counts, limit, (name, keys) => valuesRow(name, both(keys), about));
}

/** The first names as rows, the others and the buckets as one row each where they hold anything. */
function cut(
  counts: OfBoth<ReadonlyMap<string, number>>,
  limit: number,
  row: (name: string, names: readonly string[]) => Breakdown['rows'][number],
): Rows {
  const ranked = rankedNames(counts, buckets);
  const has = (name: string): boolean => counts.baseline.has(name) || counts.candidate.has(name);
  const rest = [...ranked.slice(limit), ...(has(OTHER) ? [OTHER] : [])];
  return {
    names: ranked.length,
    rows: ranked.slice(0, limit).map((name) => row(name, [name])),
    rest: rest.length === 0 ? null : row(OTHER, rest),
    unnamed: has(NONE) ? row(NONE, [NONE]) : null,
  };
}
