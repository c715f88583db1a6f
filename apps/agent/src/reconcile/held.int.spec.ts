import type { PipelineSpec } from '#lib/pipelines';
import { applyOrder, AgentHouse, collectorOrder, until } from '../testing/agent-house.js';
import { specOrder } from '../testing/pushed.js';

/** Longer than a collector is given for its first export, and than the guardrail of silence waits. */
const HOLD_SECONDS = 40;
const holding: PipelineSpec = {
  source: { kind: 'hostmetrics', intervalSeconds: 1, processMetrics: ['process.cpu.time'] },
  processors: [
    { kind: 'memoryLimiter', limitMebibytes: 100 },
    { kind: 'identifyHost' },
    { kind: 'interval', seconds: HOLD_SECONDS, pass: [] },
  ],
  destination: { ref: 'default' },
};

describe('a candidate that exports seldom', () => {
  let house: AgentHouse;

  beforeAll(async () => {
    house = await AgentHouse.open();
    await house.startAgent();
  });
  afterAll(() => house.close());

  it('works as soon as it scrapes, and its silence in between is none', async () => {
    await house.handOver(
      applyOrder(1, [collectorOrder('baseline', 'baseline'), specOrder('candidate', holding)]),
    );
    await house.reached(1, 'effective');

    const exports = async (): Promise<number> =>
      (await house.windows())
        .flatMap(({ collectors }) => collectors)
        .filter(({ points, variant }) => variant === 'candidate' && points > 0).length;
    await until(async () => ((await exports()) >= 2 ? true : undefined));
    expect((await house.attempts(1)).map(({ stage }) => stage)).not.toContain('fell-back');
  });
});
