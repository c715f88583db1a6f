import { noData, type Figure } from '#lib/events';
import { figure, type Span } from '../figures.js';
import { compare, spanOf } from './blocks.js';
import { estimated } from './estimated.js';
import { groupBy, mean, sum } from './moments.js';
import { NOTHING } from './words.js';

/** What one variant of one host sent and lost in one block. Times in ms since the epoch. */
export type VolumeBlock = {
  readonly host: string;
  readonly start: number;
  readonly seconds: number;
  readonly coveredSeconds: number;
  readonly points: number;
  /** Uncompressed OTLP, and as it came over the wire. */
  readonly bytes: number;
  readonly wireBytes: number;
  /** Points refused and failed over `sampledSeconds`; `null` where the collector could not be sampled. */
  readonly drops: {
    readonly sampledSeconds: number;
    readonly refused: number;
    readonly failed: number;
  } | null;
};

/** Distinct series of one host over all blocks; `null` where no minute ended in them. `standardError` is relative. */
export type HostSeries = {
  readonly host: string;
  readonly unique: { readonly value: number; readonly standardError: number } | null;
  readonly appeared: SeriesAppearance | null;
};

/** Series that appeared after the first block, with the error in series, and the time that was watched for them. */
export type SeriesAppearance = {
  readonly value: number;
  readonly standardError: number;
  readonly coveredSeconds: number;
};

export type VolumeKpis = {
  readonly uniqueSeries: Figure;
  /** Series per hour. */
  readonly churn: Figure;
  readonly bytesPerMinute: Figure;
  readonly wireBytesPerMinute: Figure;
  readonly dropsPerMinute: Figure;
  readonly dropShare: Figure;
};

const HOUR_SECONDS = 3_600;
const UNSAMPLED = 'the collectors of a host could not be sampled';
const UNCOMPRESSED =
  'the collectors do not compress what they send to the meter, so bytes on the wire to a backend are not measured';
const NO_MINUTE = 'series are united by whole minutes, and none has ended on every host yet';
const ONE_MINUTE =
  'a series can only appear after the first block with a whole minute, and no later one has one';

/**
 * How much one variant sent, lost and renewed, over blocks that count and the series of the same hosts. Rates are sums
 * over hosts of their block means, as the points per minute are.
 *
 * *Churn* is the rate at which series appear that were not there before, as Prometheus and VictoriaMetrics count it
 * (series created per time): per host, series of the whole time that were not in its first block, per covered hour
 * after that block; hosts add up. Counting against the first block assumes no steady state, as (unique - active) /
 * hours would, so that a fleet that grows is not taken for one that stands still. A series that pauses and comes back
 * counts once.
 */
export function volumeKpis(blocks: readonly VolumeBlock[], series: readonly HostSeries[]): VolumeKpis {
  const window = spanOf(blocks);
  if (window === undefined) return absent();
  const rate = (unit: string, formulaVersion: string, of: (block: VolumeBlock) => number): Figure =>
    figure({ value: overHosts(blocks, of), unit, window, formulaVersion });
  const hosts = [...series].sort((a, b) => compare(a.host, b.host));
  return {
    uniqueSeries: uniqueFigure(hosts, window),
    churn: churnFigure(hosts, window),
    bytesPerMinute: rate('bytes/min', 'bytes-per-covered-minute/1', (block) =>
      perMinute(block.bytes, block.coveredSeconds),
    ),
    // Equal in every block: the copy to the meter is not compressed, so it tells nothing of the way to a backend.
    wireBytesPerMinute: blocks.every(({ bytes, wireBytes }) => bytes === wireBytes)
      ? noData(UNCOMPRESSED)
      : rate('bytes/min', 'wire-bytes-per-covered-minute/1', (block) =>
          perMinute(block.wireBytes, block.coveredSeconds),
        ),
    ...dropFigures(blocks, window),
  };
}

function absent(): VolumeKpis {
  const none = noData(NOTHING);
  return {
    ...{ uniqueSeries: none, churn: none, bytesPerMinute: none, wireBytesPerMinute: none },
    ...{ dropsPerMinute: none, dropShare: none },
  };
}

function uniqueFigure(series: readonly HostSeries[], window: Span): Figure {
  const counts = series.map(({ unique }) => unique).filter((unique) => unique !== null);
  if (counts.length < series.length) return noData(NO_MINUTE);
  const value = sum(counts.map((unique) => unique.value));
  const error = together(counts.map((unique) => unique.value * unique.standardError));
  return estimated({ value, unit: 'series', window, formulaVersion: 'unique-series-union/1' }, error);
}

function churnFigure(series: readonly HostSeries[], window: Span): Figure {
  const rates = series.flatMap(({ appeared }) => {
    if (appeared === null || appeared.coveredSeconds === 0) return [];
    const hours = appeared.coveredSeconds / HOUR_SECONDS;
    return [{ value: appeared.value / hours, error: appeared.standardError / hours }];
  });
  if (rates.length < series.length) return noData(ONE_MINUTE);
  const value = sum(rates.map((rate) => rate.value));
  const error = together(rates.map((rate) => rate.error));
  const rate = { value, unit: 'series/h', window, formulaVersion: 'series-appeared-per-hour/1' };
  // Where no register moved the error is unknown, not zero: a few series may hide behind others.
  return error === 0 ? figure({ ...rate, note: 'the sketch saw none appear' }) : estimated(rate, error);
}

/** Errors of hosts are independent: their series are. */
function together(errors: readonly number[]): number {
  return Math.sqrt(sum(errors.map((error) => error ** 2)));
}

function dropFigures(
  blocks: readonly VolumeBlock[],
  window: Span,
): Pick<VolumeKpis, 'dropsPerMinute' | 'dropShare'> {
  const sampled = blocks.flatMap((block) => (block.drops === null ? [] : [{ ...block, drops: block.drops }]));
  const hosts = (of: readonly VolumeBlock[]): number => new Set(of.map(({ host }) => host)).size;
  if (hosts(sampled) < hosts(blocks)) {
    return { dropsPerMinute: noData(UNSAMPLED), dropShare: noData(UNSAMPLED) };
  }
  const lost = ({ drops }: (typeof sampled)[number]): number => drops.refused + drops.failed;
  const all = sum(sampled.map((block) => block.points + lost(block)));
  return {
    dropsPerMinute: figure({
      value: overHosts(sampled, (block) => perMinute(lost(block), block.drops.sampledSeconds)),
      ...{ unit: 'points/min', window, formulaVersion: 'drops-per-sampled-minute/1' },
    }),
    dropShare: figure({
      value: sum(sampled.map(lost)) / all,
      ...{ unit: 'share of points', window, formulaVersion: 'drops-of-points/1' },
    }),
  };
}

function perMinute(amount: number, seconds: number): number {
  return (amount / seconds) * 60;
}

/** Sum over hosts of the mean over their blocks, in an order that does not depend on that of the blocks. */
function overHosts<Block extends VolumeBlock>(
  blocks: readonly Block[],
  valueOf: (block: Block) => number,
): number {
  const hosts = [...groupBy(blocks, ({ host }) => host)].sort(([a], [b]) => compare(a, b));
  return sum(
    hosts.map(([, own]) => mean([...own].sort((a, b) => a.start - b.start).map((block) => valueOf(block)))),
  );
}
