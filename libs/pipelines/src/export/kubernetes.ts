import { stringify } from 'yaml';
import type { ExportRequest } from './export-request.js';
import { workloadOf, type Workload } from './workload.js';

type Json = Readonly<Record<string, unknown>>;

/** A file of an export: a relative path and its text. */
export type ExportedFile = { readonly path: string; readonly content: string };

export const hashAnnotation = 'pipelines.phoenix/content-hash';

/** Objects in the order in which they must be there; `kubectl apply -f` takes the folder as it is. */
export function kubernetesFiles(
  request: ExportRequest,
  config: string,
  hash: string,
): readonly ExportedFile[] {
  const { name, namespace } = request.placement;
  const workload = workloadOf(request);
  const about = { ...labelled(name, hash), namespace };
  const objects: readonly (readonly [string, Json])[] = [
    [
      'namespace',
      { apiVersion: 'v1', kind: 'Namespace', metadata: { ...namespaceLabels(workload), name: namespace } },
    ],
    [
      'service-account',
      // Nothing in the pipeline asks the API server, so the account has no rights and its token is not mounted.
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: about, automountServiceAccountToken: false },
    ],
    ['config', { apiVersion: 'v1', kind: 'ConfigMap', metadata: about, data: { 'config.yaml': config } }],
    ['service', service(about, workload)],
    [workload.kind.toLowerCase(), controller(request, about, workload, hash)],
  ];
  return objects.map(([what, object], index) => ({
    path: `${(index + 1) * 10}-${what}.yaml`,
    content: stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }),
  }));
}

function labelled(name: string, hash: string): Json {
  return { name, labels: labels(name), annotations: { [hashAnnotation]: hash } };
}

function labels(name: string): Json {
  return { ...selector(name), 'app.kubernetes.io/managed-by': 'phoenix' };
}

function selector(name: string): Json {
  return { 'app.kubernetes.io/name': 'opentelemetry-collector', 'app.kubernetes.io/instance': name };
}

/** Reading a node's processes is forbidden by the stricter standards; elsewhere the strictest one holds. */
function namespaceLabels({ kind }: Workload): Json {
  const level = kind === 'DaemonSet' ? 'privileged' : 'restricted';
  return { labels: { 'pod-security.kubernetes.io/enforce': level } };
}

/** For whoever scrapes the collectors' own metrics: a headless service names each of them. */
function service(metadata: Json, { ports }: Workload): Json {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      clusterIP: 'None',
      selector: selector(String(metadata['name'])),
      ports: ports.map(({ name, containerPort }) => ({ name, port: containerPort, targetPort: name })),
    },
  };
}

function controller(request: ExportRequest, metadata: Json, workload: Workload, hash: string): Json {
  const { name } = request.placement;
  return {
    apiVersion: 'apps/v1',
    kind: workload.kind,
    metadata,
    spec: {
      ...(workload.kind === 'Deployment' && { replicas: 1 }),
      selector: { matchLabels: selector(name) },
      template: {
        // The hash in the template makes a new configuration a new rollout.
        metadata: { labels: labels(name), annotations: { [hashAnnotation]: hash } },
        spec: pod(request, workload),
      },
    },
  };
}

function pod({ placement }: ExportRequest, workload: Workload): Json {
  return {
    serviceAccountName: placement.name,
    automountServiceAccountToken: false,
    ...(workload.hostPID && { hostPID: true }),
    ...(workload.tolerations.length > 0 && { tolerations: workload.tolerations }),
    securityContext: workload.podSecurityContext,
    containers: [
      {
        name: 'collector',
        image: placement.image,
        args: ['--config=/etc/otelcol/config.yaml'],
        env: workload.env,
        ports: workload.ports,
        livenessProbe: workload.probe,
        readinessProbe: workload.probe,
        resources: workload.resources,
        securityContext: workload.securityContext,
        volumeMounts: [
          { name: 'config', mountPath: '/etc/otelcol', readOnly: true },
          ...workload.volumeMounts,
        ],
      },
    ],
    volumes: [{ name: 'config', configMap: { name: placement.name } }, ...workload.volumes],
  };
}
