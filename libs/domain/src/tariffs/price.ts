import type { Meter, Tariff } from './tariff.js';

/** What is sent in a month of 730 hours, averaged over it. */
export type MonthlyUsage = {
  readonly activeSeries: number;
  readonly samplesPerMonth: number;
  readonly hosts: number;
  /** Data points per minute of one series. */
  readonly dpmPerSeries: number;
};

export const HOURS_PER_MONTH = 730;
export const PRICE_FORMULA = 'price-monthly/1';

export type PriceLine = {
  readonly item: string;
  /** Units of the meter. */
  readonly quantity: number;
  /** USD, rounded to the cent. */
  readonly amount: number;
};

/** A price in USD a month, rounded to the cent once, at the end. Its lines add up but for that rounding. */
export type MonthlyPrice = {
  readonly value: number;
  readonly unit: 'USD/month';
  readonly formulaVersion: string;
  readonly breakdown: readonly PriceLine[];
};

/** The usage of a month in which it goes on as measured: a projection, not a measurement. */
export function projectUsage(measured: {
  readonly activeSeries: number;
  readonly pointsPerMinute: number;
  readonly hosts: number;
}): MonthlyUsage {
  const { activeSeries, pointsPerMinute, hosts } = measured;
  return {
    activeSeries,
    samplesPerMonth: Math.round(pointsPerMinute * 60 * HOURS_PER_MONTH),
    hosts,
    dpmPerSeries: activeSeries > 0 ? pointsPerMinute / activeSeries : 0,
  };
}

/**
 * What a month costs under a tariff. Exact integer arithmetic in units of 1e-12 USD, so
 * that no sum depends on the order of floats. Quantities are rounded to whole units.
 * @throws RangeError when a usage is negative or no number.
 */
export function priceMonthly(tariff: Tariff, usage: MonthlyUsage): MonthlyPrice {
  if (Object.values(usage).some((value) => !Number.isFinite(value) || value < 0))
    throw new RangeError('a usage is a number of at least 0');
  const lines = [platformLine(tariff), ...meterLines(tariff, usage)].filter((line) => line !== undefined);
  return {
    value: dollars(lines.reduce((total, { pico }) => total + pico, 0n)),
    unit: 'USD/month',
    formulaVersion: PRICE_FORMULA,
    breakdown: lines.map(({ item, quantity, pico }) => ({ item, quantity, amount: dollars(pico) })),
  };
}

/** What the second usage costs less than the first, to the cent; negative when it costs more. */
export function savingMonthly(tariff: Tariff, baseline: MonthlyUsage, candidate: MonthlyUsage): number {
  const cents = (usage: MonthlyUsage) => Math.round(priceMonthly(tariff, usage).value * 100);
  return (cents(baseline) - cents(candidate)) / 100;
}

type ExactLine = { readonly item: string; readonly quantity: number; readonly pico: bigint };

const PICO_PER_MICRO = 1_000_000n;
const PICO_PER_CENT = 10_000_000_000n;

function platformLine({ platformMicroUsd }: Tariff): ExactLine | undefined {
  if (platformMicroUsd === 0) return undefined;
  return { item: 'platform fee', quantity: 1, pico: BigInt(platformMicroUsd) * PICO_PER_MICRO };
}

function meterLines({ meter, tiers, includedPerHost }: Tariff, usage: MonthlyUsage): readonly ExactLine[] {
  const billable = Math.max(0, quantityOf(meter, usage) - Math.round(includedPerHost * usage.hosts));
  return tiers.flatMap(({ upTo, microUsd, per }, i) => {
    const from = tiers[i - 1]?.upTo ?? 0;
    const quantity = Math.min(billable, upTo ?? Infinity) - from;
    if (quantity <= 0) return [];
    const pico = (BigInt(quantity) * BigInt(microUsd) * PICO_PER_MICRO) / BigInt(per);
    const end = upTo === null ? 'on' : `to ${upTo}`;
    return [{ item: `${unitOf(meter)} from ${from} ${end}`, quantity, pico }];
  });
}

function quantityOf(meter: Meter, { activeSeries, dpmPerSeries, samplesPerMonth }: MonthlyUsage): number {
  switch (meter.kind) {
    case 'activeSeries':
      return Math.round(activeSeries);
    case 'samples':
      return Math.round(samplesPerMonth);
    case 'seriesOrDataPoints':
      return Math.round(Math.max(activeSeries, (activeSeries * dpmPerSeries) / meter.includedDpm));
  }
}

function unitOf(meter: Meter): string {
  return meter.kind === 'samples' ? 'samples' : 'series';
}

/** Rounds half up to the cent. */
function dollars(pico: bigint): number {
  return Number((pico + PICO_PER_CENT / 2n) / PICO_PER_CENT) / 100;
}
