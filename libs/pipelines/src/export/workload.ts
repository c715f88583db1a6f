import { secretsOf } from '../destinations/secrets-of.js';
import { secretVariable } from '../destinations/secret.js';
import { processorOf } from '../spec/pipeline-spec.js';
import type { ExportRequest } from './export-request.js';
import { healthPort, hostRoot, metricsPort, nodeNameEnv, podIpEnv } from './standalone-config.js';

type Json = Readonly<Record<string, unknown>>;

/** What manifests and Helm values say alike about the workload, in the words of Kubernetes. */
export type Workload = {
  /** Processes are read on every node; pages of Prometheus, and what is pushed, by one collector for all. */
  readonly kind: 'DaemonSet' | 'Deployment';
  readonly env: readonly Json[];
  readonly volumes: readonly Json[];
  readonly volumeMounts: readonly Json[];
  readonly securityContext: Json;
  readonly podSecurityContext: Json;
  readonly resources: Json;
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly probe: Json;
  readonly hostPID: boolean;
  readonly tolerations: readonly Json[];
};

export function workloadOf(request: ExportRequest): Workload {
  const isHost = request.spec.source.kind === 'hostmetrics';
  return {
    kind: isHost ? 'DaemonSet' : 'Deployment',
    env: environment(request),
    volumes: isHost ? [{ name: 'hostfs', hostPath: { path: '/', type: 'Directory' } }] : [],
    volumeMounts: isHost ? [hostMount] : [],
    securityContext: { ...confined, ...(isHost ? reader : asNobody) },
    podSecurityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    resources: resourcesOf(request),
    ports: [{ name: 'metrics', containerPort: metricsPort }, ...ingress(request)],
    probe: { httpGet: { path: '/', port: healthPort } },
    hostPID: isHost,
    // A node that keeps workloads away has processes that cost money too.
    tolerations: isHost ? [{ operator: 'Exists' }] : [],
  };
}

/** Where applications push, under the names that the Helm chart has for it. */
function ingress({ spec: { source } }: ExportRequest): Workload['ports'] {
  if (source.kind !== 'otlp') return [];
  const { grpcPort, port } = source;
  return [
    { name: 'otlp-http', containerPort: port },
    ...(grpcPort === undefined ? [] : [{ name: 'otlp', containerPort: grpcPort }]),
  ];
}

const hostMount: Json = {
  name: 'hostfs',
  mountPath: hostRoot,
  readOnly: true,
  mountPropagation: 'HostToContainer',
};

const confined: Json = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true };

const asNobody: Json = { runAsNonRoot: true, runAsUser: 10_001, capabilities: { drop: ['ALL'] } };

/**
 * The kernel shows the disk traffic, open files and paths of a process only to who may trace it. Capabilities that
 * are added to a container count for root alone, so reading them takes root without any other capability.
 */
const reader: Json = {
  runAsUser: 0,
  capabilities: { drop: ['ALL'], add: ['SYS_PTRACE', 'DAC_READ_SEARCH'] },
};

function environment({ destination, placement }: ExportRequest): readonly Json[] {
  const fromField = (name: string, fieldPath: string): Json => ({
    name,
    valueFrom: { fieldRef: { fieldPath } },
  });
  const fromSecret = (name: string, secret: string, key: string): Json => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key } },
  });
  const secrets = secretsOf(destination).map((reference) => {
    if (typeof reference !== 'string') {
      const { name, key } = reference.kubernetesSecret;
      return fromSecret(secretVariable(reference), name, key);
    }
    const variable = /^\$\{env:(\w+)\}$/.exec(reference)?.[1] ?? '';
    return fromSecret(variable, `${placement.name}-secrets`, variable);
  });
  return [fromField(nodeNameEnv, 'spec.nodeName'), fromField(podIpEnv, 'status.podIP'), ...secrets];
}

/** The limiter refuses data before the kernel ends the collector, so the container gets a quarter more. */
function resourcesOf({ spec }: ExportRequest): Json {
  const limit = processorOf(spec, 'memoryLimiter')?.limitMebibytes ?? 200;
  const memory = `${Math.ceil(limit * 1.25)}Mi`;
  return { requests: { cpu: '50m', memory }, limits: { cpu: '500m', memory } };
}
