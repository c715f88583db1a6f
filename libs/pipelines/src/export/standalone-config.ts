import { renderDestination } from '../destinations/render-destination.js';
import type { DestinationProfile } from '../destinations/profile.js';
import { asCollectorText } from '../destinations/secret.js';
import { byId, fromYaml, type CollectorConfig, type Settings } from '../render/collector-config.js';
import { renderPipeline } from '../render/render-pipeline.js';
import { listeningAt } from '../render/render-source.js';
import { joinDestination } from '../render/render-way-out.js';
import type { PipelineSpec } from '../spec/pipeline-spec.js';
import { isSelecting } from '../spec/selection-rules.js';

/** Variables that the workload sets for its collector. */
export const nodeNameEnv = 'NODE_NAME';
export const podIpEnv = 'POD_IP';

export const metricsPort = 8888;
export const healthPort = 13_133;
export const hostRoot = '/hostfs';

/**
 * A configuration for a stock collector that runs by itself, without an agent beside it: the same for every node,
 * which it learns from its environment. Nothing of an agent is in it, such as meters or delays.
 */
export function standaloneConfig(
  spec: PipelineSpec,
  destination: DestinationProfile,
  criticalProcesses: readonly string[],
): CollectorConfig {
  const rendered = renderPipeline({
    spec: withoutSelection(spec),
    host: { id: '-', labels: {} },
    criticalProcesses,
  });
  const author = fromYaml(rendered.yaml);
  const out = joinDestination(renderDestination(destination, asCollectorText));
  const extensions = [...out.extensions, { id: 'health_check', settings: { endpoint: atPod(healthPort) } }];
  const pipelines = Object.entries(author.service.pipelines).map(
    ([id, pipeline]) => [id, { ...pipeline, exporters: out.exits }] as const,
  );
  return {
    receivers: { ...onHost(author.receivers), ...pushedReceiver(spec) },
    processors: { ...onNode(author.processors), ...byId(out.processors) },
    exporters: byId(out.exporters),
    ...(out.connectors.length > 0 && { connectors: byId(out.connectors) }),
    extensions: byId(extensions),
    service: {
      extensions: extensions.map(({ id }) => id),
      telemetry: {
        logs: { encoding: 'json' },
        metrics: {
          readers: [{ pull: { exporter: { prometheus: { host: variable(podIpEnv), port: metricsPort } } } }],
        },
      },
      pipelines: { ...Object.fromEntries(pipelines), ...out.pipelines },
    },
  };
}

const variable = (name: string): string => `\${env:${name}}`;
const atPod = (port: number): string => `${variable(podIpEnv)}:${port}`;

/** Without an agent the collector itself is where applications push. */
function pushedReceiver({ source }: PipelineSpec): CollectorConfig['receivers'] {
  if (source.kind !== 'otlp') return {};
  const { grpcPort, port } = source;
  return { otlp: listeningAt(atPod(port), grpcPort === undefined ? undefined : atPod(grpcPort)) };
}

/** Processes are read through the mounted root of the node, whose `/proc` is the node's own. */
function onHost(receivers: CollectorConfig['receivers']): CollectorConfig['receivers'] {
  const { hostmetrics, ...others } = receivers;
  return hostmetrics === undefined
    ? others
    : { hostmetrics: { root_path: hostRoot, ...hostmetrics }, ...others };
}

/**
 * A set of processes is computed by an agent. Without one its filter would drop all but the critical processes for
 * ever, so it is left out: what is too much can be dropped later, what is lost cannot be had back.
 */
function withoutSelection(spec: PipelineSpec): PipelineSpec {
  return { ...spec, processors: spec.processors.filter((processor) => !isSelecting(processor)) };
}

function onNode(processors: CollectorConfig['processors']): CollectorConfig['processors'] {
  return Object.fromEntries(
    Object.entries(processors).map(([id, settings]) => [
      id,
      id === 'resource/host' ? nodeIdentity : settings,
    ]),
  );
}

const nodeIdentity: Settings = {
  attributes: [
    { key: 'host.id', value: variable(nodeNameEnv), action: 'upsert' },
    { key: 'k8s.node.name', value: variable(nodeNameEnv), action: 'upsert' },
  ],
};
