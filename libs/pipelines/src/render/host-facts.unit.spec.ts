import { parse } from 'yaml';
import { renderForHost, renderPipeline, type HostBinding, type Processor } from '../index.js';
import { processPipeline } from '../templates/common.js';
import type { CollectorConfig } from './collector-config.js';
import type { HostFacts } from './host-facts.js';

const binding: HostBinding = {
  ...{ variant: 'baseline', destination: { kind: 'none' } },
  ...{ meterEndpoint: 'http://127.0.0.1:1', meterTokenEnv: 'TOKEN', telemetryPort: 2 },
};
const facts: HostFacts = {
  env: { team: 'a$b', 'host.name': 'given' },
  system: { 'host.name': 'kernel', 'os.type': 'linux', 'host.id': 'machine' },
};

function onHost(detections: readonly Processor[], known?: HostFacts): CollectorConfig {
  const rendered = renderPipeline({
    spec: processPipeline(10, detections),
    ...{ host: { id: 'h1', labels: {} }, criticalProcesses: [] },
  });
  return parse(renderForHost(rendered, { ...binding, ...(known && { facts: known }) })) as CollectorConfig;
}

describe('a detection on a host with an agent', () => {
  const detection = { kind: 'resourceDetection', detectors: ['env', 'system'], override: true } as const;

  it('is what the agent knows, in the place of the component that would look for it', () => {
    const { processors, service } = onHost([detection, { ...detection, override: false }], facts);
    const actions = (action: string) => [
      { key: 'host.name', value: 'given', action },
      { key: 'os.type', value: 'linux', action },
      { key: 'team', value: 'a$$b', action },
    ];
    expect(processors['resource/detected-1']).toEqual({
      attributes: expect.arrayContaining(actions('upsert')) as unknown,
    });
    expect(processors['resource/detected-1']?.['attributes']).toHaveLength(3);
    expect(processors['resource/detected-2']).toEqual({
      attributes: expect.arrayContaining(actions('insert')) as unknown,
    });
    expect(service.pipelines['metrics']?.processors).toEqual([
      ...['memory_limiter', 'resource/detected-1', 'resource/detected-2', 'resource/host', 'batch'],
    ]);
  });

  it('takes an attribute from the first detector that finds it, and only what is asked for', () => {
    const asked = { ...detection, detectors: ['system'], system: ['host.id', 'host.name'] } as const;
    expect(onHost([asked], facts).processors['resource/detected-1']).toEqual({
      attributes: [
        { key: 'host.name', value: 'kernel', action: 'upsert' },
        { key: 'host.id', value: 'machine', action: 'upsert' },
      ],
    });
    const turned = { ...detection, detectors: ['system', 'env'] } as const;
    expect(onHost([turned], facts).processors['resource/detected-1']).toMatchObject({
      attributes: expect.arrayContaining([
        { key: 'host.name', value: 'kernel', action: 'upsert' },
      ]) as unknown,
    });
  });

  it('is nothing where nothing is known', () => {
    const { processors, service } = onHost([detection]);
    expect(Object.keys(processors)).toEqual(['memory_limiter', 'resource/host', 'batch']);
    expect(service.pipelines['metrics']?.processors).toEqual(['memory_limiter', 'resource/host', 'batch']);
  });
});
