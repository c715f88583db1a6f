import { parse } from 'yaml';
import { exportPipeline, instantiateTemplate, type PipelineSpec } from '../index.js';
import { collectorBinary, objections } from '../testing/real-collector.js';

/** What the workload tells its collector. */
const pod = { NODE_NAME: 'node-1', POD_IP: '127.0.0.1', SECRET_VENDOR_KEY: 'a', TOKEN: 'b' };
const apiKey = { kubernetesSecret: { name: 'vendor', key: 'key' } };

const topk = instantiateTemplate('topk', {});
const aggregated = instantiateTemplate('aggregated', {});
const pushed: PipelineSpec = {
  ...topk,
  source: { kind: 'otlp', port: 4318, grpcPort: 4317, intervalSeconds: 10 },
  processors: topk.processors.filter(({ kind }) => kind !== 'keepTopK'),
};

// The first call on a fresh machine may build the collector.
it.each([
  ['topk', topk, { kind: 'newRelic', region: 'us', apiKey }],
  [
    'aggregated',
    aggregated,
    { kind: 'grafanaCloud', zone: 'prod-eu-west-2', instanceId: '1', token: '${env:TOKEN}' },
  ],
  ['data that is pushed', pushed, { kind: 'newRelic', region: 'us', apiKey }],
] as const)(
  'the real collector accepts what is exported of %s',
  async (_, spec, destination) => {
    const { files } = exportPipeline({
      spec,
      format: 'kubernetes',
      destination,
    });
    const map = files.find(({ path }) => path.endsWith('config.yaml'))!;
    const { data } = parse(map.content) as { readonly data: Readonly<Record<string, string>> };
    // This machine's root stands for the one of a node, which the collector looks for.
    const config = data['config.yaml']!.replace('root_path: /hostfs', 'root_path: /');
    expect(await objections(await collectorBinary(), config, pod)).toBe('');
  },
  900_000,
);
