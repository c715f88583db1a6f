import { parse } from 'yaml';
import {
  exportPipeline,
  instantiateTemplate,
  type PipelineExportInput,
  type PipelineSpec,
} from '../index.js';
import { hashAnnotation } from './kubernetes.js';
import { kubernetesComplaints } from '../testing/kubernetes-schema.js';

const destination = {
  kind: 'newRelic',
  region: 'eu',
  apiKey: { kubernetesSecret: { name: 'new-relic', key: 'license-key' } },
};
const ofTemplate = (
  template: 'topk' | 'aggregated' | 'baseline',
  more: object = {},
): PipelineExportInput => ({
  spec: instantiateTemplate(template, {}),
  format: 'kubernetes',
  destination,
  ...more,
});
const scraping: PipelineSpec = {
  ...instantiateTemplate('baseline', {}),
  source: {
    kind: 'prometheus',
    intervalSeconds: 30,
    targets: ['app.shop:9090'],
    scheme: 'http',
    path: '/metrics',
    sampleLimit: 1000,
  },
};

const pushed: PipelineSpec = {
  ...scraping,
  source: { kind: 'otlp', port: 5000, intervalSeconds: 10 },
};

type Json = { readonly [key: string]: Json } & { readonly [index: number]: Json };
const objectsOf = (input: PipelineExportInput): readonly Json[] =>
  exportPipeline(input).files.map(({ content }) => parse(content) as Json);
const ofKind = (input: PipelineExportInput, kind: string): Json =>
  objectsOf(input).find((object) => (object['kind'] as unknown) === kind)!;
const refusal = (input: PipelineExportInput): string => {
  try {
    exportPipeline(input);
    return 'none';
  } catch (error) {
    return String(error);
  }
};

describe('a pipeline exported to Kubernetes', () => {
  it('is made of objects that its API accepts', () => {
    const others = [scraping, pushed].map((spec) => ofTemplate('baseline', { spec }));
    for (const input of [ofTemplate('aggregated'), ...others])
      expect(objectsOf(input).flatMap(kubernetesComplaints)).toEqual([]);
  });

  it('finds out by itself what an agent would have told of the host', () => {
    const spec = instantiateTemplate('baseline', {});
    const [limiter, ...rest] = spec.processors;
    const detection = {
      ...{ kind: 'resourceDetection', detectors: ['env', 'system'], override: false },
      system: ['host.name', 'host.arch'],
    } as const;
    const text = JSON.stringify(
      objectsOf(ofTemplate('baseline', { spec: { ...spec, processors: [limiter!, detection, ...rest] } })),
    );
    expect(text).toContain('resourcedetection/1:');
    expect(text).toMatch(/hostname_sources:[^]*host\.arch:[^]*enabled: true/);
    expect(text).not.toContain('resource/detected');
  });

  it('gives equal bytes for equal input, and other bytes and hashes for another configuration', () => {
    const [one, again, other] = [
      ofTemplate('aggregated'),
      ofTemplate('aggregated'),
      ofTemplate('baseline'),
    ].map((input) => exportPipeline(input));
    expect(again).toEqual(one);
    expect(other?.hash).not.toBe(one?.hash);
    const hashes = [one, other].map(
      (files) => /content-hash: ([0-9a-f]{64})/.exec(files!.files[4]!.content)?.[1],
    );
    expect(new Set(hashes).size).toBe(2);
    expect(hashes).not.toContain(undefined);
  });

  it('reads the processes of every node through its mounted root, and nothing may be written', () => {
    const pod = ofKind(ofTemplate('aggregated'), 'DaemonSet')['spec']!['template']!['spec']!;
    const container = pod['containers']![0]!;
    expect(pod).toMatchObject({ hostPID: true, automountServiceAccountToken: false });
    expect(container['volumeMounts']![1]).toMatchObject({ mountPath: '/hostfs', readOnly: true });
    expect(container['securityContext']).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['SYS_PTRACE', 'DAC_READ_SEARCH'] },
    });
    const config = configOf(ofTemplate('aggregated'));
    expect(config['receivers']!['hostmetrics']!['root_path']).toBe('/hostfs');
    expect(JSON.stringify(config)).not.toMatch(/initial_delay|PHOENIX|meter/);
  });

  it('reads pages of Prometheus once, without root and without the node', () => {
    const deployment = ofKind(ofTemplate('baseline', { spec: scraping }), 'Deployment');
    const pod = deployment['spec']!['template']!['spec']!;
    expect(deployment['spec']!['replicas']).toBe(1);
    expect(pod['hostPID']).toBeUndefined();
    expect(pod['volumes']).toHaveLength(1);
    expect(pod['containers']![0]!['securityContext']).toMatchObject({
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('listens itself where applications push, behind a service with that port', () => {
    const input = ofTemplate('baseline', { spec: pushed });
    expect(configOf(input)['receivers']).toEqual({
      otlp: { protocols: { http: { endpoint: '${env:POD_IP}:5000' } } },
    });
    expect(ofKind(input, 'Service')['spec']!['ports']).toContainEqual({
      ...{ name: 'otlp-http', port: 5000, targetPort: 'otlp-http' },
    });
    const pod = ofKind(input, 'Deployment')['spec']!['template']!['spec']!;
    expect(pod['containers']![0]!['ports']).toContainEqual({ name: 'otlp-http', containerPort: 5000 });
  });

  it('listens for gRPC too where the specification does, for requests as large as by HTTP', () => {
    const spec: PipelineSpec = {
      ...pushed,
      source: { kind: 'otlp', port: 5000, grpcPort: 4317, intervalSeconds: 10 },
    };
    const input = ofTemplate('baseline', { spec });
    expect(configOf(input)['receivers']).toEqual({
      otlp: {
        protocols: {
          http: { endpoint: '${env:POD_IP}:5000' },
          grpc: { endpoint: '${env:POD_IP}:4317', max_recv_msg_size_mib: 20 },
        },
      },
    });
    expect(ofKind(input, 'Service')['spec']!['ports']).toContainEqual({
      ...{ name: 'otlp', port: 4317, targetPort: 'otlp' },
    });
    expect(objectsOf(input).flatMap(kubernetesComplaints)).toEqual([]);
  });

  it('is refused where applications would push to a port that the collector needs itself', () => {
    for (const port of [8888, 13_133])
      for (const name of ['port', 'grpcPort'])
        expect(
          refusal(
            ofTemplate('baseline', { spec: { ...pushed, source: { ...pushed.source, [name]: port } } }),
          ),
        ).toContain(`source.${name}: an exported collector uses port ${port} itself`);
  });

  it('takes secrets from Secrets only', () => {
    const env = (input: PipelineExportInput): unknown =>
      ofKind(input, 'DaemonSet')['spec']!['template']!['spec']!['containers']![0]!['env']![2];
    expect(env(ofTemplate('aggregated'))).toEqual({
      name: 'SECRET_NEW_RELIC_LICENSE_KEY',
      valueFrom: { secretKeyRef: { name: 'new-relic', key: 'license-key' } },
    });
    const byVariable = {
      destination: { ...destination, apiKey: '${env:NR_KEY}' },
      placement: { name: 'nr' },
    };
    expect(env(ofTemplate('aggregated', byVariable))).toEqual({
      name: 'NR_KEY',
      valueFrom: { secretKeyRef: { name: 'nr-secrets', key: 'NR_KEY' } },
    });
  });

  it('says that no agent computes the set of a top-k pipeline, and keeps every process then', () => {
    const { warnings } = exportPipeline(ofTemplate('topk'));
    expect(warnings.map(({ rule }) => rule)).toEqual(['needs-agent']);
    const pipeline = configOf(ofTemplate('topk'))['service']!['pipelines']!['metrics']!;
    expect(pipeline['processors']).toEqual(['memory_limiter', 'resource/host', 'batch']);
    expect(exportPipeline(ofTemplate('aggregated')).warnings).toEqual([]);
  });

  it.each([
    ['a secret in clear', { destination: { ...destination, apiKey: 'NRAK-geheim' } }, 'destination.apiKey'],
    ['a file as a secret', { destination: { ...destination, apiKey: '${file:/k}' } }, 'destination'],
    ['a name of no object', { placement: { name: 'Not_A_Name' } }, 'placement.name'],
    ['an image that is none', { placement: { image: 'a b' } }, 'placement.image'],
  ])('is refused with %s', (_, more, path) => {
    const said = refusal(ofTemplate('aggregated', more));
    expect(said).toContain(`${path}: `);
    expect(said).not.toContain('geheim');
  });
});

describe('a pipeline exported to values of Helm', () => {
  const values = (input: PipelineExportInput): Json =>
    parse(exportPipeline({ ...input, format: 'helm' }).files[0]!.content) as Json;

  it('uses keys that the chart knows', () => {
    const others = [scraping, pushed].map((spec) => ofTemplate('baseline', { spec }));
    for (const input of [ofTemplate('aggregated'), ...others])
      expect(Object.keys(values(input)).filter((key) => !chartKeys.has(key))).toEqual([]);
  });

  it('holds the same collector as the manifests', () => {
    const helm = values(ofTemplate('aggregated'));
    expect(helm['alternateConfig']).toEqual(configOf(ofTemplate('aggregated')));
    const container = ofKind(ofTemplate('aggregated'), 'DaemonSet')['spec']!['template']!['spec']![
      'containers'
    ]![0]!;
    expect(helm['extraEnvs']).toEqual(container['env']);
    expect(helm['securityContext']).toEqual(container['securityContext']);
    expect(helm['podAnnotations']![hashAnnotation]).toMatch(/^[0-9a-f]{64}$/);
    expect(helm['image']).toEqual({ repository: 'otel/opentelemetry-collector-contrib', tag: '0.149.0' });
  });

  it('opens the port where applications push, and none of the others of the chart', () => {
    const { ports } = values(ofTemplate('baseline', { spec: pushed }));
    expect(ports).toMatchObject({
      'otlp-http': { enabled: true, containerPort: 5000, servicePort: 5000, protocol: 'TCP' },
      otlp: { enabled: false },
    });
    expect(values(ofTemplate('baseline', { spec: scraping }))['ports']).toMatchObject({
      'otlp-http': { enabled: false },
    });
  });

  it('keeps braces that the chart would read as an action', () => {
    const spec: PipelineSpec = {
      ...scraping,
      processors: [
        scraping.processors[0]!,
        { kind: 'dropMetrics', metrics: { names: ['{{ fail "x" }}'], patterns: [] } },
        ...scraping.processors.slice(1),
      ],
    };
    expect(JSON.stringify(values(ofTemplate('baseline', { spec })))).toContain(String.raw`{{ \"{{\" }} fail`);
  });

  it('names an image by its digest where it has one', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const placement = { image: `registry.example.org:5000/otel/collector@${digest}` };
    expect(values(ofTemplate('aggregated', { placement }))['image']).toEqual({
      repository: 'registry.example.org:5000/otel/collector',
      digest,
    });
  });
});

function configOf(input: PipelineExportInput): Json {
  return parse(ofKind(input, 'ConfigMap')['data']!['config.yaml'] as unknown as string) as Json;
}

/** The keys of ours that `values.schema.json` of the chart (0.110 and later) has; it refuses all others. */
const chartKeys = new Set([
  ...['mode', 'fullnameOverride', 'namespaceOverride', 'image', 'command', 'replicaCount', 'serviceAccount'],
  ...['podAnnotations', 'podSecurityContext', 'securityContext', 'tolerations', 'extraEnvs', 'extraVolumes'],
  ...['extraVolumeMounts', 'ports', 'service', 'resources', 'alternateConfig'],
]);
