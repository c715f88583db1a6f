import type { PipelineSpec } from '../spec/pipeline-spec.js';
import { processMetrics, type ProcessMetric } from '../spec/process-metrics.js';
import type { PrometheusSource } from '../spec/prometheus-source.js';
import type { Component, Settings } from './collector-config.js';

type HostMetricsSource = Extract<PipelineSpec['source'], { kind: 'hostmetrics' }>;

/** The receiver that a source stands for. */
export function renderSource(source: PipelineSpec['source']): Component {
  return source.kind === 'hostmetrics'
    ? { id: 'hostmetrics', settings: hostMetrics(source) }
    : { id: 'prometheus', settings: scraping(source) };
}

function hostMetrics(source: HostMetricsSource): Settings {
  const names = Object.keys(processMetrics) as readonly ProcessMetric[];
  const switched = names
    .map((name) => ({ name, enabled: source.processMetrics.includes(name) }))
    .filter(({ name, enabled }) => enabled !== processMetrics[name].onByDefault)
    .map(({ name, enabled }) => [name, { enabled }] as const);
  return {
    collection_interval: `${source.intervalSeconds}s`,
    scrapers: {
      process: {
        // Processes that exit during a scrape are errors to the scraper and everyday life to us; what is
        // truly missing shows in the coverage that the meter counts.
        mute_process_all_errors: true,
        ...(switched.length > 0 && { metrics: Object.fromEntries(switched) }),
      },
    },
  };
}

const maxTimeoutSeconds = 10;

/** A page that takes longer than the interval is given up, so that scrapes never overlap. */
function scraping({ intervalSeconds, path, sampleLimit, scheme, targets }: PrometheusSource): Settings {
  return {
    config: {
      scrape_configs: [
        {
          job_name: 'phoenix',
          scrape_interval: `${intervalSeconds}s`,
          scrape_timeout: `${Math.min(intervalSeconds, maxTimeoutSeconds)}s`,
          scheme,
          metrics_path: path,
          sample_limit: sampleLimit,
          body_size_limit: '10MB',
          static_configs: [{ targets: [...targets] }],
        },
      ],
    },
  };
}
