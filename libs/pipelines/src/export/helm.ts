import { parse, stringify } from 'yaml';
import type { ExportRequest } from './export-request.js';
import { hashAnnotation, type ExportedFile } from './kubernetes.js';
import { workloadOf, type Workload } from './workload.js';

/** Ports that the chart opens by default; nothing listens on them but what a pushed source asks for. */
const chartPorts = ['otlp', 'otlp-http', 'jaeger-compact', 'jaeger-thrift', 'jaeger-grpc', 'zipkin'];

/**
 * Values for the chart `opentelemetry-collector` of the OpenTelemetry project, of a version with `alternateConfig`,
 * which takes the place of the chart's default pipelines instead of being merged into them.
 */
export function helmFiles(request: ExportRequest, config: string, hash: string): readonly ExportedFile[] {
  const { name, namespace, image } = request.placement;
  const workload = workloadOf(request);
  const isDaemon = workload.kind === 'DaemonSet';
  const { repository, version } = imageParts(image);
  const values = {
    mode: isDaemon ? 'daemonset' : 'deployment',
    fullnameOverride: name,
    namespaceOverride: namespace,
    image: { repository, ...version },
    command: { name: 'otelcol-contrib' },
    ...(!isDaemon && { replicaCount: 1 }),
    serviceAccount: { create: true, automountServiceAccountToken: false },
    podAnnotations: { [hashAnnotation]: hash },
    podSecurityContext: workload.podSecurityContext,
    securityContext: workload.securityContext,
    ...(workload.tolerations.length > 0 && { tolerations: workload.tolerations }),
    extraEnvs: workload.env,
    ...(workload.volumes.length > 0 && {
      extraVolumes: workload.volumes,
      extraVolumeMounts: workload.volumeMounts,
    }),
    ports: {
      ...Object.fromEntries(chartPorts.map((port) => [port, { enabled: false }])),
      metrics: { enabled: true },
      ...pushedPorts(workload),
    },
    service: { enabled: true, clusterIP: 'None' },
    resources: workload.resources,
    alternateConfig: literally(parse(config)),
  };
  return [
    { path: 'values.yaml', content: stringify(values, { lineWidth: 0, aliasDuplicateObjects: false }) },
  ];
}

/** The chart opens a port of its own number under this name, so the number is said too. */
function pushedPorts({ ports }: Workload): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    ports
      .filter(({ name }) => chartPorts.includes(name))
      .map(({ name, containerPort }) => [
        name,
        { enabled: true, containerPort, servicePort: containerPort, protocol: 'TCP' },
      ]),
  );
}

type ImageVersion = { readonly digest: string } | { readonly tag: string };

function imageParts(image: string): { readonly repository: string; readonly version: ImageVersion } {
  const [named = '', digest] = image.split('@');
  if (digest !== undefined) return { repository: named, version: { digest } };
  const [, repository = named, tag = 'latest'] = /^(.*[^/]):([^:/]+)$/.exec(named) ?? [];
  return { repository, version: { tag } };
}

/** The chart reads its configuration as a template, in which two braces begin an action. */
function literally(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('{{', '{{ "{{" }}');
  if (Array.isArray(value)) return value.map(literally);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key.replaceAll('{{', '{{ "{{" }}'), literally(member)]),
  );
}
