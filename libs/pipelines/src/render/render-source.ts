import type { PipelineSpec } from '../spec/pipeline-spec.js';
import type { PrometheusSource } from '../spec/prometheus-source.js';
import { fromYaml, type Component, type Settings } from './collector-config.js';
import { hostMetrics } from './render-hostmetrics.js';
import type { RenderedPipeline } from './rendered-pipeline.js';

/** The receiver that a source stands for. */
export function renderSource(source: PipelineSpec['source']): Component {
  switch (source.kind) {
    case 'hostmetrics':
      return { id: 'hostmetrics', settings: hostMetrics(source) };
    case 'prometheus':
      return { id: 'prometheus', settings: scraping(source) };
    case 'otlp':
      // Its address is given by who runs it: the agent, or a collector that stands alone.
      return { id: 'otlp', settings: { protocols: { http: {} } } };
  }
}

/** The receiver of a pushed source, listening for HTTP and, where it is told, for gRPC. Endpoints are host and port. */
export function listeningAt(http: string, grpc?: string): Settings {
  return {
    protocols: {
      http: { endpoint: http },
      ...(grpc !== undefined && { grpc: { endpoint: grpc, max_recv_msg_size_mib: grpcRequestMebibytes } }),
    },
  };
}

/** Whether a rendering reads pages, each at a time of its own within the interval. */
export function readsPages({ imported, yaml }: Pick<RenderedPipeline, 'imported' | 'yaml'>): boolean {
  return imported === undefined && Object.hasOwn(fromYaml(yaml).receivers, 'prometheus');
}

/** As large as a collector takes requests by HTTP; by gRPC it would stop at 4. */
const grpcRequestMebibytes = 20;

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
          // Prometheus reads it as 10 MiB, and drops what has just as much.
          body_size_limit: '10MB',
          static_configs: [{ targets: [...targets] }],
        },
      ],
    },
  };
}
