import { hostname } from 'node:os';
import { instantiateTemplate, renderPipeline, type PipelineSpec, type Processor } from '#lib/pipelines';
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

  beforeAll(async () => {
    house = await AgentHouse.open();
    backend = await startNewestBackend();
    await house.startAgent({
      PHOENIX_BACKEND_OTLP: backend.url,
      OTEL_RESOURCE_ATTRIBUTES: 'team=shop%20one,cost=$5',
    });
  });

  afterAll(async () => {
    await house.close();
    await backend.stop();
  });

  it('sends what the agent knows of it', async () => {
    const rendered = renderPipeline({
      ...{ spec: detecting(), host: { id: HOST, labels: {} }, criticalProcesses: [] },
    });
    const order = { variant: 'baseline', role: 'live', configHash: rendered.hash, rendered } as const;
    await house.handOver(applyOrder(1, [order]));
    await house.reached(1, 'effective');
    const [series] = await until(() => {
      const found = backend.of('node');
      return found.length > 0 ? found : undefined;
    });
    const attributes = ['team="shop one"', 'cost="$5"', `host.name="${hostname()}"`, 'os.type="linux"'];
    for (const attribute of attributes) expect(series).toContain(JSON.stringify(attribute));
  });
});
