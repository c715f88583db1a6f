import { pinnedCatalogue } from '../validation/catalogue/pinned.js';
import { processMetrics } from './process-metrics.js';
import { systemMetrics } from './system-metrics.js';

type Field = { readonly default?: unknown; readonly fields?: Readonly<Record<string, Field>> };

const scrapers =
  (pinnedCatalogue.receivers['hostmetrics']?.config as Field).fields?.['scrapers']?.fields ?? {};

/** Which metrics a scraper of the pinned collector has, and whether they are on by themselves. */
function pinned(scraper: string): Readonly<Record<string, boolean>> {
  const metrics = scrapers[scraper]?.fields?.['metrics']?.fields ?? {};
  return Object.fromEntries(
    Object.entries(metrics).map(([name, { fields }]) => [name, fields?.['enabled']?.default === true]),
  );
}

const ours = (known: Readonly<Record<string, { readonly onByDefault: boolean }>>) =>
  Object.fromEntries(Object.entries(known).map(([name, { onByDefault }]) => [name, onByDefault]));

describe('the metrics of the scrapers', () => {
  it.each(Object.entries(systemMetrics))('are those of the pinned collector: %s', (scraper, metrics) => {
    expect(ours(metrics)).toEqual(pinned(scraper));
  });

  it('are of every scraper that there is, but that of NFS', () => {
    expect(Object.keys(scrapers).sort()).toEqual([...Object.keys(systemMetrics), 'nfs', 'process'].sort());
  });

  it('have the defaults of the pinned collector where they are of processes', () => {
    expect(pinned('process')).toMatchObject(ours(processMetrics));
  });
});
