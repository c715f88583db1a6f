import type { Tariff } from './tariff.js';

/** The price lists that come with Phoenix. List prices; a contract may say otherwise. */
export const tariffs: readonly Tariff[] = [
  {
    id: 'grafana-cloud-pro',
    vendor: 'Grafana Labs',
    name: 'Grafana Cloud Pro, metrics',
    currency: 'USD',
    source: 'https://grafana.com/pricing/',
    asOf: '2026-05-25',
    platformMicroUsd: 19_000_000,
    meter: { kind: 'seriesOrDataPoints', includedDpm: 1 },
    tiers: [
      { upTo: 10_000, microUsd: 0, per: 1000 },
      { upTo: null, microUsd: 6_500_000, per: 1000 },
    ],
    includedPerHost: 0,
    note: 'Billed on the 95th percentile of the month; the mean stands in for it here. 1 data point per minute and series is taken as included.',
  },
  {
    id: 'datadog-custom-metrics',
    vendor: 'Datadog',
    name: 'Custom metrics, list price, Pro hosts',
    currency: 'USD',
    source: 'https://docs.datadoghq.com/account_management/billing/custom_metrics/',
    asOf: '2026-06-09',
    platformMicroUsd: 0,
    meter: { kind: 'activeSeries' },
    tiers: [{ upTo: null, microUsd: 5_000_000, per: 100 }],
    includedPerHost: 100,
    note: 'Hourly counts averaged over the month. The fee per host is left out, as it is the same for both variants; the price of 100 metrics is second-hand.',
  },
  {
    id: 'aws-amp',
    vendor: 'Amazon Web Services',
    name: 'Managed Service for Prometheus, ingestion',
    currency: 'USD',
    source: 'https://aws.amazon.com/prometheus/pricing/',
    asOf: '2026-06-09',
    platformMicroUsd: 0,
    meter: { kind: 'samples' },
    tiers: [
      { upTo: 40_000_000, microUsd: 0, per: 10_000_000 },
      { upTo: 2_000_000_000, microUsd: 900_000, per: 10_000_000 },
      { upTo: 252_000_000_000, microUsd: 350_000, per: 10_000_000 },
      { upTo: null, microUsd: 160_000, per: 10_000_000 },
    ],
    includedPerHost: 0,
    note: 'Ingestion only; storage and queries are left out. Prices differ by region; the upper tiers are second-hand.',
  },
  {
    id: 'google-managed-prometheus',
    vendor: 'Google Cloud',
    name: 'Managed Service for Prometheus',
    currency: 'USD',
    source: 'https://cloud.google.com/stackdriver/pricing',
    asOf: '2023-08-08',
    platformMicroUsd: 0,
    meter: { kind: 'samples' },
    tiers: [
      { upTo: 50_000_000_000, microUsd: 60_000, per: 1_000_000 },
      { upTo: 250_000_000_000, microUsd: 48_000, per: 1_000_000 },
      { upTo: 500_000_000_000, microUsd: 36_000, per: 1_000_000 },
      { upTo: null, microUsd: 24_000, per: 1_000_000 },
    ],
    includedPerHost: 0,
    note: 'Ingestion only. A histogram point counts as 2 and one for each bucket that is not empty; here every data point counts as 1.',
  },
  {
    id: 'aws-cloudwatch',
    vendor: 'Amazon Web Services',
    name: 'CloudWatch custom metrics',
    currency: 'USD',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
    asOf: '2026-06-09',
    platformMicroUsd: 0,
    meter: { kind: 'activeSeries' },
    tiers: [
      { upTo: 10_000, microUsd: 300_000, per: 1 },
      { upTo: 250_000, microUsd: 100_000, per: 1 },
      { upTo: 1_000_000, microUsd: 50_000, per: 1 },
      { upTo: null, microUsd: 20_000, per: 1 },
    ],
    includedPerHost: 0,
    note: 'Metric months, prorated by the hour. API requests are left out; the prices are second-hand.',
  },
];

/** The shipped tariff of that id, or undefined. */
export function tariffById(id: string): Tariff | undefined {
  return tariffs.find((tariff) => tariff.id === id);
}
