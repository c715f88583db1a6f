import type { TopKSelection } from '../process-rules.js';
import {
  byId,
  fromYaml,
  toYaml,
  type CollectorConfig,
  type Component,
  type PipelineWiring,
} from './collector-config.js';
import { captureExporter, meterExporter, tapExporter, type Destination } from './exporters.js';
import { dropWhere } from './drop-where.js';
import { withFacts, type HostFacts } from './host-facts.js';
import { metricOutside } from './ottl.js';
import { renderSelection } from './render-selection.js';
import { listeningAt } from './render-source.js';
import { wayOut } from './render-way-out.js';
import type { RenderedPipeline } from './rendered-pipeline.js';

/**
 * Where a variant's data goes. A candidate has no way to a backend: whatever it sent there would be paid twice.
 */
export type VariantBinding =
  | { readonly variant: 'baseline'; readonly destination: Destination }
  | {
      readonly variant: 'candidate';
      readonly destination: Exclude<Destination, { kind: 'backend' | 'profile' }>;
    };

/** What only the host knows: addresses, ports and secrets. Secrets stand in the environment, here are their names. */
export type HostBinding = VariantBinding & {
  /** The agent's loopback meter, such as `http://127.0.0.1:40123`. */
  readonly meterEndpoint: string;
  /** The environment variable with this collector's meter token. */
  readonly meterTokenEnv: string;
  /** A free loopback port for the collector's own metrics. */
  readonly telemetryPort: number;
  /** A free loopback port for the collector's receiver; needed exactly where the rendering has an `ingress`. */
  readonly receiverPort?: number;
  /** The set that a top-k pipeline keeps; without it only critical processes pass. */
  readonly selection?: TopKSelection;
  /** A second, independent receiver of the exported data, used to check the meter. */
  readonly captureEndpoint?: string;
  /** What detectors of the pipeline find; without it, nothing. */
  readonly facts?: HostFacts;
};

const nothingKnown: HostFacts = { env: {}, system: {} };

/** The environment variable from which a collector takes the wait before its first scrape; see `scrapeDelay`. */
export const scrapeDelayEnv = 'PHOENIX_SCRAPE_DELAY';

/** The agent's part: exporters, private ports, scrape alignment, the ranking tap and the current selection. */
export function renderForHost(rendered: RenderedPipeline, binding: HostBinding): string {
  const author = withFacts(fromYaml(rendered.yaml), binding.facts ?? nothingKnown);
  const tap = rankingTap(rendered, binding);
  const out = wayOut(binding.destination);
  const observers = observersOf(binding);
  const exits = [...out.exits, ...observers.map(({ id }) => id)];
  const config: CollectorConfig = {
    receivers: { ...aligned(author.receivers), ...pushedReceiver(rendered, binding) },
    processors: {
      ...withSelection(author.processors, rendered, binding.selection),
      ...byId([...(tap?.processors ?? []), ...out.processors]),
    },
    exporters: byId([...out.exporters, ...observers, ...(tap?.exporters ?? [])]),
    ...(out.connectors.length > 0 && { connectors: byId(out.connectors) }),
    ...(out.extensions.length > 0 && { extensions: byId(out.extensions) }),
    service: {
      ...(out.extensions.length > 0 && { extensions: out.extensions.map(({ id }) => id) }),
      telemetry: ownTelemetry(binding.telemetryPort),
      pipelines: {
        ...mapValues(author.service.pipelines, (pipeline) => ({ ...pipeline, exporters: exits })),
        ...out.pipelines,
        ...(tap && { 'metrics/ranking': tap.pipeline }),
      },
    },
  };
  return toYaml(config);
}

/**
 * How long a collector that starts now must wait so that it scrapes on the same wall-clock tick as every other one
 * with this interval. The wait begins when the collector is ready, so scrapes come the start-up time (some tens of
 * milliseconds) after the tick, and stay there: the collector's ticker does not drift.
 * @returns a duration such as `7250ms`, for the environment variable `scrapeDelayEnv`
 */
export function scrapeDelay(nowMilliseconds: number, intervalSeconds: number): string {
  const interval = intervalSeconds * 1000;
  return `${interval - (nowMilliseconds % interval)}ms`;
}

/** Who sees what the pipeline emits, besides the destination. */
function observersOf(binding: HostBinding): readonly Component[] {
  const { captureEndpoint } = binding;
  return [
    meterExporter(binding),
    ...(captureEndpoint === undefined ? [] : [captureExporter(captureEndpoint)]),
  ];
}

function aligned(receivers: CollectorConfig['receivers']): CollectorConfig['receivers'] {
  const { hostmetrics, ...others } = receivers;
  // Prometheus spreads its scrapes over the interval by itself and takes no delay.
  if (hostmetrics === undefined) return others;
  return { hostmetrics: { ...hostmetrics, initial_delay: `\${env:${scrapeDelayEnv}}` }, ...others };
}

/** Only the agent knows the port, and only the agent sends there. */
function pushedReceiver(
  { ingress }: RenderedPipeline,
  { receiverPort }: HostBinding,
): CollectorConfig['receivers'] {
  if (ingress === undefined) return {};
  if (receiverPort === undefined) throw new Error('a pipeline with an ingress needs a receiver port');
  return { otlp: listeningAt(`127.0.0.1:${receiverPort}`) };
}

function withSelection(
  processors: CollectorConfig['processors'],
  { control }: RenderedPipeline,
  selection: TopKSelection | undefined,
): CollectorConfig['processors'] {
  if (control === undefined) return processors;
  const { criticalProcesses: critical, others, processor: id } = control;
  // The keys stand where the author put them, so the order of the file does not depend on the selection.
  return { ...processors, ...byId(renderSelection({ id, others, critical, selection })) };
}

type RankingTap = {
  readonly processors: readonly Component[];
  readonly exporters: readonly Component[];
  readonly pipeline: PipelineWiring;
};

/** A second pipeline on the same receiver, before the filter: the controller must see what the filter drops. */
function rankingTap({ rankingMetrics }: RenderedPipeline, binding: HostBinding): RankingTap | undefined {
  if (rankingMetrics === undefined) return undefined;
  const filter = { id: 'filter/ranking', settings: dropWhere('metric', metricOutside(rankingMetrics)) };
  const exporter = tapExporter(binding);
  return {
    processors: [filter],
    exporters: [exporter],
    pipeline: { receivers: ['hostmetrics'], processors: [filter.id], exporters: [exporter.id] },
  };
}

/** Logs that the agent reads, and metrics on a port of the collector's own. */
export function ownTelemetry(port: number): Readonly<Record<string, unknown>> {
  return {
    logs: { encoding: 'json' },
    metrics: { readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port } } } }] },
  };
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => U,
): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
