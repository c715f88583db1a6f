import { encodeMetrics, type MetricsData } from '#lib/otlp';
import {
  countRecording,
  fleetParametersSchema,
  syntheticHosts,
  syntheticWindows,
} from '../recordings/index.js';
import { renderPipeline, specOf, type PipelineSource } from '../render/render-pipeline.js';
import { startCollectorOfPipelines, type CollectorOfPipelines } from '../testing/collector-of-pipelines.js';
import { collectorBinary } from '../testing/real-collector.js';
import { playedFleet, playVariant } from './index.js';

const criticalProcesses = ['nginx', 'postgres'];
const sources: readonly (PipelineSource & { readonly name: string })[] = [
  { name: 'baseline', template: 'baseline', parameters: {} },
  { name: 'aggregated', template: 'aggregated', parameters: {} },
  {
    name: 'aggregated by class',

    template: 'aggregated',
    parameters: { groupBy: 'class' },
  },
];
/** Without churn, as the collector starts long after this made-up time and cannot see anything born. */
const fleet = fleetParametersSchema.parse({ hosts: 1, processes: 60, seconds: 60, churn: 0 });

describe('a preview of a made-up fleet and the real collector', () => {
  let collector: CollectorOfPipelines | undefined;

  // The first call on a fresh machine may build the collector.
  beforeAll(async () => {
    const [id = ''] = syntheticHosts(fleet);
    const renderings = sources.map(
      (source) => renderPipeline({ ...source, host: { id, labels: {} }, criticalProcesses }).yaml,
    );
    collector = await startCollectorOfPipelines(await collectorBinary(), renderings);
  }, 900_000);

  afterAll(() => collector?.stop());

  it.each(sources)('count the same series and points: $name', async (source) => {
    const outputs: MetricsData[] = [];
    for (const { scrapes } of syntheticWindows(fleet))
      outputs.push(...(await collector!.through(sources.indexOf(source), scrapes[0]!.data)));
    const bodies = outputs.map(encodeMetrics);
    const collected = countRecording([{ at: 0, exports: bodies.map((body) => ({ host: 'h', body })) }]);
    const { profile, table } = playVariant({ spec: specOf(source), criticalProcesses }, playedFleet(fleet));
    expect({ series: table.rows.length, points: profile.points }).toEqual(collected);
    expect(profile.bytes).toBe(bodies.reduce((sum, { length }) => sum + length, 0));
  });
});
