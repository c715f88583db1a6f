import type { Figure } from '#lib/events';
import type { Kpis } from '../shared/views/kpi.view.js';

/** Every figure of a result in one flat list, for tables. */
export function namedFigures({
  series,
  pointsPerMinute,
  coverage,
  collector,
  cost,
  ...volume
}: Kpis): readonly NamedFigure[] {
  const named = (name: string, figure: Figure): NamedFigure => ({ name, figure });
  return [
    named('active series, baseline', series.baseline),
    named('active series, candidate', series.candidate),
    named('reduction of active series', series.reduction),
    named('points per minute, baseline', pointsPerMinute.baseline),
    named('points per minute, candidate', pointsPerMinute.candidate),
    ...volumeFigures(volume),
    named('process coverage', coverage.processes),
    named('critical process coverage', coverage.critical),
    named('collector CPU, baseline', collector.baseline.cpu),
    named('collector CPU, candidate', collector.candidate.cpu),
    named('collector memory, baseline', collector.baseline.memory),
    named('collector memory, candidate', collector.candidate.memory),
    ...cost.flatMap(({ name, baseline, candidate, saving }) => [
      named(`price of a month, ${name}, baseline`, baseline),
      named(`price of a month, ${name}, candidate`, candidate),
      named(`saving of a month, ${name}`, saving),
    ]),
  ];
}

export type NamedFigure = { readonly name: string; readonly figure: Figure };

function volumeFigures({
  uniqueSeries,
  churn,
  bytesPerMinute,
  wireBytesPerMinute,
  drops,
}: Pick<
  Kpis,
  'uniqueSeries' | 'churn' | 'bytesPerMinute' | 'wireBytesPerMinute' | 'drops'
>): readonly NamedFigure[] {
  return Object.entries({
    'unique series': uniqueSeries,
    churn,
    'bytes per minute': bytesPerMinute,
    'bytes on the wire per minute': wireBytesPerMinute,
    'dropped points per minute': drops.perMinute,
    'share of points dropped': drops.share,
  }).flatMap(([name, { baseline, candidate }]) => [
    { name: `${name}, baseline`, figure: baseline },
    { name: `${name}, candidate`, figure: candidate },
  ]);
}
