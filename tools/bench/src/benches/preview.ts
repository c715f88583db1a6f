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
} from '#lib/pipelines';
import { bench } from '../harness/bench.js';
import { alternate, ratePerSecond } from '../harness/rounds.js';

const FLEET = fleetParametersSchema.parse({ hosts: 3, processes: 618, churn: 0 });
const POINTS = 3 * 618 * 6 * 9;
const ROUNDS = 7;
const criticalProcesses = ['nginx', 'postgres'];
const selection = { members: [] };

const against = `of ${POINTS} points whose baseline is known, against interpreting the same scrapes with the candidate alone`;

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
  },
  run: async () => {
    const recording = playedFleet(FLEET);
    const topK = await contest(recording, (k) => specOf({ template: 'topk', parameters: { k } }));
    const aggregated = await contest(recording, () => specOf({ template: 'aggregated', parameters: {} }));
    return {
      'preview.milliseconds': { value: 1000 / topK.value },
      'preview.topk': topK,
      'preview.aggregated': aggregated,
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
