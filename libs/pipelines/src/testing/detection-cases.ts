import type { MetricsData } from '#lib/otlp';
import type { HostFacts } from '../index.js';
import type { ConformanceCase } from './conformance-cases.js';

/** What is known of a host in these tests; `path` is also an attribute that resources have by themselves. */
export const factsInTests: HostFacts = {
  env: { deployment: 'test one', path: 'given', 'host.name': 'höst ${env:HOME} $1', schlüssel: '42' },
  system: { 'host.name': 'kernel-name', 'os.type': 'linux', 'host.arch': 'amd64', 'host.id': 'machine' },
};

const found =
  (key: string, value: string) =>
  (_: MetricsData, output: MetricsData): boolean =>
    output.resourceMetrics.some(({ resource }) =>
      resource.attributes.some((attribute) => attribute.key === key && attribute.value === value),
    );

/** Detections, alone and on one another. */
export const detectionCases: readonly ConformanceCase[] = [
  {
    name: 'what is known of the host in the place of what resources say',
    processors: [{ kind: 'resourceDetection', detectors: ['env', 'system'], override: true }],
    changes: found('host.name', factsInTests.env['host.name']!),
  },
  {
    name: 'what is known of the host where resources say nothing',
    processors: [{ kind: 'resourceDetection', detectors: ['system', 'env'], override: false }],
    changes: found('host.name', 'kernel-name'),
  },
  {
    name: 'one detection after another, which leaves alone what the first has found',
    processors: [
      {
        ...{ kind: 'resourceDetection', detectors: ['system'], override: true },
        system: ['host.arch', 'host.id', 'host.name'],
      },
      { kind: 'resourceDetection', detectors: ['env'], override: false },
    ],
    changes: found('host.arch', 'amd64'),
  },
];
