import { applyOrder, AgentHouse, collectorOrder, until } from '../testing/agent-house.js';

const baseline = collectorOrder('baseline', 'baseline');
const candidate = collectorOrder('candidate', 'topk', { parameters: { k: 3 } });

describe('a host without a collector', () => {
  let house: AgentHouse;

  beforeAll(async () => {
    house = await AgentHouse.open();
    await house.startAgent({ PHOENIX_OTELCOL: '' });
  });

  afterAll(() => house.close());

  it('measures plain and top-k pipelines with the built-in one', async () => {
    await house.handOver(applyOrder(1, [baseline, candidate]));
    await house.reached(1, 'effective');
    const { collectors } = await until(async () =>
      (await house.windows()).find((window) => window.collectors.length === 2),
    );
    const [full, reduced] = collectors;

    expect(house.collectors().size).toBe(0);
    expect(full?.activeSeries.value).toBeGreaterThan(reduced?.activeSeries.value ?? Infinity);
    expect(reduced?.executables.length).toBeGreaterThan(0);
    expect(full?.use).toBeNull();
  });

  it('says which pipeline it cannot run, and keeps what runs', async () => {
    await house.handOver(applyOrder(2, [baseline, collectorOrder('candidate', 'aggregated')]));
    const failed = await house.reached(2, 'failed');

    expect(failed.reason).toMatch(/^candidate: the built-in collector cannot do .*; it needs a real one$/);
    expect(failed.collectors.map(({ variant }) => variant).sort()).toEqual(['baseline', 'candidate']);
  });

  it('does not start on a configured collector that is missing: the fallback would hide the mistake', async () => {
    const other = await house.startAgent({
      PHOENIX_OTELCOL: '/no/such/otelcol',
      PHOENIX_AGENT_DIR: `${house.parts.dir}/other`,
    });
    expect((await other.exited).code).toBe(1);
  });
});
