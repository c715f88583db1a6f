import { priceMonthly, projectUsage, savingMonthly, tariffById, type Tariff } from '#lib/domain';
import type { PreviewFigures, PreviewPrice, PreviewReport } from '#lib/pipelines';
import { refusal } from '../shared/http/edge-error.js';

/** @throws ProblemError `unknown-tariff` */
export function requireTariff(id: string): Tariff {
  const tariff = tariffById(id);
  if (tariff !== undefined) return tariff;
  throw refusal('unknown-tariff', `There is no tariff ${id}.`, 'See GET /tariffs.');
}

const STATISTIC = {
  activeSeries: 'the series active in a minute, on average over the recording, for the series of an hour',
  seriesOrDataPoints: 'the series active in a minute or the points per minute, on average over the recording',
  samples: 'the points of a month that goes on as recorded',
} as const satisfies Record<Tariff['meter']['kind'], string>;

/** What a month would cost that goes on as recorded; no data where the recording is too short for what is counted. */
export function priceOf(tariff: Tariff, { baseline, candidate, data }: PreviewReport): PreviewPrice {
  const about = {
    tariff: tariff.id,
    name: `${tariff.vendor}: ${tariff.name}`,
    statistic: STATISTIC[tariff.meter.kind],
    note: tariff.note,
  };
  const needsSeries = tariff.meter.kind !== 'samples';
  if (needsSeries && (baseline.seriesPerMinute === null || candidate.seriesPerMinute === null)) {
    const reason = `series are counted by the minute or longer, and ${data.durationSeconds} s were recorded`;
    return { ...about, price: { noData: true, reason } };
  }
  const usageOf = ({ pointsPerMinute, seriesPerMinute }: PreviewFigures) =>
    projectUsage({ activeSeries: seriesPerMinute ?? 0, pointsPerMinute, hosts: data.hosts });
  const [before, after] = [usageOf(baseline), usageOf(candidate)];
  return {
    ...about,
    price: {
      baseline: priceMonthly(tariff, before).value,
      candidate: priceMonthly(tariff, after).value,
      saving: savingMonthly(tariff, before, after),
      unit: 'USD/month',
    },
  };
}
