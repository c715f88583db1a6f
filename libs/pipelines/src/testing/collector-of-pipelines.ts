import { encodeMetrics, type MetricsData } from '#lib/otlp';
import { onFreePorts } from '#tools/embedded';
import { fromYaml, toYaml, type CollectorConfig, type Settings } from '../render/collector-config.js';
import { startOtlpSink } from './otlp-sink.js';
import { startCollector } from './real-collector.js';

/** Many rendered pipelines in one real collector, each with a receiver of its own. */
export type CollectorOfPipelines = {
  /** What one pipeline makes of a request; nothing where it drops all of it. */
  readonly through: (pipeline: number, request: MetricsData) => Promise<readonly MetricsData[]>;
  /** All that one pipeline has emitted so far, also on its own. */
  readonly emitted: (pipeline: number) => readonly MetricsData[];
  readonly stop: () => Promise<void>;
};

/**
 * Starts the collector with all these renderings. Batches and queues are left out, so a request is answered only
 * when all that came of it has reached the sink, and nothing needs to be waited for.
 */
export async function startCollectorOfPipelines(
  binary: string,
  renderings: readonly string[],
): Promise<CollectorOfPipelines> {
  const sink = await startOtlpSink();
  const { collector, ports } = await onFreePorts(renderings.length + 1, async ([telemetry, ...own]) => {
    const parts = renderings.map((yaml, index) => part(fromYaml(yaml), index, sink.endpoint, own[index]!));
    return { collector: await startCollector(binary, toYaml(together(parts, telemetry!))), ports: own };
  }).catch(async (error: unknown) => {
    await sink.stop();
    throw error;
  });
  return {
    through: async (pipeline, request) => {
      const before = sink.at(pathOf(pipeline)).length;
      await post(ports[pipeline]!, request);
      return sink.at(pathOf(pipeline)).slice(before);
    },
    emitted: (pipeline) => sink.at(pathOf(pipeline)),
    stop: async () => {
      await collector.stop();
      await sink.stop();
    },
  };
}

type Part = Pick<CollectorConfig, 'receivers' | 'processors'> & {
  readonly exporters: Readonly<Record<string, Settings>>;
  readonly pipelines: CollectorConfig['service']['pipelines'];
};

const pathOf = (index: number): string => `/pipeline-${index}`;

function part(rendered: CollectorConfig, index: number, sink: string, port: number): Part {
  const own = (id: string): string => `${id}${id.includes('/') ? '.' : '/'}${index}`;
  const ids = Object.keys(rendered.processors).filter((id) => id !== 'batch');
  const exporter = { metrics_endpoint: `${sink}${pathOf(index)}`, encoding: 'proto', compression: 'none' };
  return {
    receivers: { [`otlp/${index}`]: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    processors: Object.fromEntries(ids.map((id) => [own(id), rendered.processors[id]!])),
    exporters: {
      [`otlphttp/${index}`]: {
        ...exporter,
        sending_queue: { enabled: false },
        retry_on_failure: { enabled: false },
      },
    },
    pipelines: {
      [`metrics/${index}`]: {
        receivers: [`otlp/${index}`],
        processors: ids.map(own),
        exporters: [`otlphttp/${index}`],
      },
    },
  };
}

function together(parts: readonly Part[], telemetryPort: number): CollectorConfig {
  const all = <T>(records: readonly Readonly<Record<string, T>>[]): Readonly<Record<string, T>> =>
    Object.assign({}, ...records) as Readonly<Record<string, T>>;
  const prometheus = { host: '127.0.0.1', port: telemetryPort };
  return {
    receivers: all(parts.map(({ receivers }) => receivers)),
    processors: all(parts.map(({ processors }) => processors)),
    exporters: all(parts.map(({ exporters }) => exporters)),
    service: {
      telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus } } }] } },
      pipelines: all(parts.map(({ pipelines }) => pipelines)),
    },
  };
}

async function post(port: number, request: MetricsData): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: Buffer.from(encodeMetrics(request)),
  });
  if (!response.ok) throw new Error(`the collector answered ${response.status}: ${await response.text()}`);
}
