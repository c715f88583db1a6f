import {
  priceMonthly,
  PRICE_FORMULA,
  projectUsage,
  savingMonthly,
  tariffs,
  type MonthlyUsage,
  type Tariff,
} from '#lib/domain';
import { isMeasured, noData, type Figure, type MeasuredFigure } from '#lib/events';
import type { Cost } from './kpi.view.js';

/** Series and points per minute of one variant, of all measured hosts together. */
export type Traffic = { readonly activeSeries: Figure; readonly pointsPerMinute: Figure };

/** Which hosts a price is for: those that were measured, or a whole fleet as if it were like them. */
export type Extent = { readonly measured: number; readonly priced: number };

const MEASURED = 'a month that goes on as measured';
const PROJECTED = 'projection, not measured: as if every host were like those measured';

/**
 * What a month costs under each tariff. Tariffs have tiers and fees, so a fleet is priced by its projected usage and
 * never by a multiple of a price.
 */
export function monthlyCosts(baseline: Traffic, candidate: Traffic, extent: Extent): readonly Cost[] {
  const before = usageOf(baseline, extent);
  const after = usageOf(candidate, extent);
  return tariffs.map((tariff) => ({
    tariff: tariff.id,
    name: `${tariff.vendor}: ${tariff.name}`,
    source: tariff.source,
    asOf: tariff.asOf,
    baseline: price(tariff, before, extent),
    candidate: price(tariff, after, extent),
    saving: saving(tariff, before, after, extent),
  }));
}

type Usage =
  { readonly usage: MonthlyUsage; readonly window: MeasuredFigure['window'] } | { readonly reason: string };

function usageOf({ activeSeries, pointsPerMinute }: Traffic, { measured, priced }: Extent): Usage {
  if (!isMeasured(activeSeries)) return { reason: activeSeries.reason };
  if (!isMeasured(pointsPerMinute)) return { reason: pointsPerMinute.reason };
  const factor = priced / measured;
  const usage = projectUsage({
    activeSeries: activeSeries.value * factor,
    pointsPerMinute: pointsPerMinute.value * factor,
    hosts: priced,
  });
  return { usage, window: activeSeries.window };
}

function price(tariff: Tariff, usage: Usage, extent: Extent): Figure {
  if ('reason' in usage) return noData(usage.reason);
  return money(priceMonthly(tariff, usage.usage).value, usage.window, extent);
}

function saving(tariff: Tariff, before: Usage, after: Usage, extent: Extent): Figure {
  if ('reason' in before) return noData(before.reason);
  if ('reason' in after) return noData(after.reason);
  return money(savingMonthly(tariff, before.usage, after.usage), before.window, extent);
}

function money(value: number, window: MeasuredFigure['window'], { measured, priced }: Extent): Figure {
  const note = measured === priced ? MEASURED : PROJECTED;
  return { value, unit: 'USD/month', window, formulaVersion: PRICE_FORMULA, note };
}
