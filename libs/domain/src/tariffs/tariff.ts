/**
 * What a meter counts. `activeSeries`: series active over the month as the vendor samples them; `seriesOrDataPoints`:
 * the greater of the active series and the data points per minute divided by those included for each series;
 * `samples`: data points ingested in the month.
 */
export type Meter =
  | { readonly kind: 'activeSeries' }
  | { readonly kind: 'seriesOrDataPoints'; readonly includedDpm: number }
  | { readonly kind: 'samples' };

/** Marginal: units up to `upTo` (null: without end) that no lower tier took cost `microUsd` for each `per` units. */
export type Tier = { readonly upTo: number | null; readonly microUsd: number; readonly per: number };

/** A vendor's price list as data. Money in millionths of a dollar. */
export type Tariff = {
  readonly id: string;
  readonly vendor: string;
  readonly name: string;
  readonly currency: 'USD';
  readonly source: string;
  /** Day on which the source said so. */
  readonly asOf: string;
  /** Charged every month whatever is sent. */
  readonly platformMicroUsd: number;
  readonly meter: Meter;
  readonly tiers: readonly Tier[];
  /** Units of the meter that each host brings along for free, pooled. */
  readonly includedPerHost: number;
  /** How the vendor's statistic over the month is approximated, and what is left out. */
  readonly note: string;
};
