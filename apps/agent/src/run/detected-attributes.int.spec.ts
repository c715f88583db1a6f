import { hostname } from 'node:os';
import { instantiateTemplate, renderPipeline, type PipelineSpec, type Processor } from '#lib/pipelines';
import type { Service } from '#tools/embedded';
import { applyOrder, AgentHouse, HOST, until } from '../testing/agent-house.js';
import { startNewestBackend, type NewestBackend } from '../testing/newest-backend.js';

const detection: Processor = { kind: 'resourceDetection', detectors: ['env', 'system'], override: false };

function detecting(): PipelineSpec {
  const { processors, ...rest } = instantiateTemplate('baseline', { intervalSeconds: 1 });
  const [limiter, ...others] = processors;
  return { ...rest, processors: [limiter!, detection, ...others] };
}

describe('a pipeline that asks what the host is, on a host with the pinned collector', () => {
  let house: AgentHouse;
  let backend: NewestBackend;
  let agent: Service;
  const start = (attributes: string) =>
    house.startAgent({ PHOENIX_BACKEND_OTLP: backend.url, OTEL_RESOURCE_ATTRIBUTES: attributes });
  const effective = async (generation: number) => {
    const rendered = renderPipeline({
      ...{ spec: detecting(), host: { id: HOST, labels: {} }, criticalProcesses: [] },
    });
    const order = { variant: 'baseline', role: 'live', configHash: rendered.hash, rendered } as const;
    await house.handOver(applyOrder(generation, [order]));
    await house.reached(generation, 'effective');
  };

  beforeAll(async () => {
    house = await AgentHouse.open();
    backend = await startNewestBackend();
    agent = await start('team=shop%20one,cost=$5');
  });

  afterAll(async () => {
    await house.close();
    await backend.stop();
  });

  it('sends what the agent knows of it', async () => {
    await effective(1);
    const [series] = await until(() => {
      const found = backend.of('node');
      return found.length > 0 ? found : undefined;
    });
    const attributes = ['team="shop one"', 'cost="$5"', `host.name="${hostname()}"`, 'os.type="linux"'];
    for (const attribute of attributes) expect(series).toContain(JSON.stringify(attribute));
  });

  it('starts where what it was given cannot be read, and leaves all of that out', async () => {
    await agent.stop();
    agent = await start('team=shop%20two,broken');
    await effective(2);
    const [series] = await until(() => {
      const found = backend.of('node').filter((one) => !one.includes('shop one'));
      return found.length > 0 ? found : undefined;
    });
    expect(series).toContain(JSON.stringify(`host.name="${hostname()}"`));
    expect(series).not.toContain('team=');
  });
});
