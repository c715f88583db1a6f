import {
  comparePlayed,
  fleetParametersSchema,
  freshMemory,
  interpret,
  playedFleet,
  playVariant,
  specOf,
  type PipelineSpec,
  type PlayedRecording,
  type Processor,
} from '#lib/pipelines';
import { bench } from '../harness/bench.js';
import { alternate, ratePerSecond } from '../harness/rounds.js';

const FLEET = fleetParametersSchema.parse({ hosts: 3, processes: 618, churn: 0 });
const POINTS = 3 * 618 * 6 * 9;
const ROUNDS = 7;
const criticalProcesses = ['nginx', 'postgres'];
const selection = { members: [] };

const against = `of ${POINTS} points whose baseline is known, against interpreting the same scrapes with the candidate alone`;

const addedUp: Processor = {
  kind: 'aggregateAttributes',
  away: { names: ['state', 'direction'], patterns: [] },
  gauges: 'sum',
};

/** The baseline with a processor before its last two. */
function baselineWith(processor: Processor): PipelineSpec {
  const { processors, ...spec } = specOf({ template: 'baseline', parameters: {} });
  return { ...spec, processors: [...processors.slice(0, -2), processor, ...processors.slice(-2)] };
}

/** What somebody waits for who changes a candidate again and again. */
export const previewBench = bench({
  metrics: {
    'preview.milliseconds': {
      unit: 'ms',
      goal: { kind: 'limit', atMost: 200 },
      what: `A preview of a changed top-k candidate over ${POINTS} points whose baseline is known, by the rates of the line below.`,
    },
    'preview.topk': {
      unit: 'previews/s',
      goal: { kind: 'reported' },
      what: `Previews of another top-k candidate each time ${against}.`,
    },
    'preview.aggregated': {
      unit: 'previews/s',
      goal: { kind: 'ratio', atLeast: 0.5 },
      what: `Previews of an aggregating candidate ${against}.`,
    },
    'preview.attributes': {
      unit: 'previews/s',
      goal: { kind: 'reported' },
      what: `Previews of a candidate that adds up points over two of their attributes ${against}.`,
    },
    'preview.delta': {
      unit: 'previews/s',
      goal: { kind: 'reported' },
      what: `Previews of a candidate that sends growth ${against}.`,
    },
    'preview.interval': {
      unit: 'previews/s',
      goal: { kind: 'reported' },
      what: `Previews of a candidate that holds points back for a minute ${against}.`,
    },
    'preview.slowest': {
      unit: 'ms',
      goal: { kind: 'limit', atMost: 200 },
      what: 'A preview of the slowest of these candidates, by the rates of the lines above.',
    },
  },
  run: async () => {
    const recording = playedFleet(FLEET);
    const topK = await contest(recording, (k) => specOf({ template: 'topk', parameters: { k } }));
    const aggregated = await contest(recording, () => specOf({ template: 'aggregated', parameters: {} }));
    const attributes = await contest(recording, () => baselineWith(addedUp));
    const delta = await contest(recording, () => baselineWith({ kind: 'cumulativeToDelta' }));
    const interval = await contest(recording, () =>
      baselineWith({ kind: 'interval', seconds: 60, pass: [] }),
    );
    const slowest = Math.min(...[topK, aggregated, attributes, delta, interval].map(({ value }) => value));
    return {
      'preview.milliseconds': { value: 1000 / topK.value },
      'preview.topk': topK,
      'preview.aggregated': aggregated,
      'preview.attributes': attributes,
      'preview.delta': delta,
      'preview.interval': interval,
      'preview.slowest': { value: 1000 / slowest },
    };
  },
});

/** @throws Error when the recording is not as large as the figures say */
function contest(recording: PlayedRecording, candidate: (round: number) => PipelineSpec) {
  const baseline = playVariant(
    { spec: specOf({ template: 'baseline', parameters: {} }), criticalProcesses },
    recording,
  );
  if (baseline.profile.points !== POINTS) throw new Error(`${baseline.profile.points} points`);
  let round = 10;
  const subject = (): Promise<number> =>
    ratePerSecond(1, () => {
      const spec = candidate(++round);
      const played = playVariant({ spec, criticalProcesses }, recording);
      return Promise.resolve(comparePlayed(baseline, played, { recording, criticalProcesses }));
    });
  const ceiling = (): Promise<number> =>
    ratePerSecond(1, () => {
      interpretAlone(recording, candidate(round));
      return Promise.resolve();
    });
  return alternate({ subject, ceiling }, ROUNDS);
}

function interpretAlone({ hosts, windows }: PlayedRecording, spec: PipelineSpec): void {
  for (const [index, id] of hosts.entries()) {
    let memory = freshMemory(BigInt(windows[0]?.at ?? 0) * 1_000_000n);
    const pipeline = { spec, criticalProcesses, selection, host: { id, labels: {} } };
    for (const { scrapes } of windows) {
      const scrape = scrapes[index]?.data ?? { resourceMetrics: [] };
      ({ memory } = interpret(pipeline, scrape, memory));
    }
  }
}
