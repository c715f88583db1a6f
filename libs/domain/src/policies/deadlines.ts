import { isStarted, type ExperimentState } from '../experiment/index.js';

/** Times in ms since the epoch; absent where the stage has not begun. */
export type Deadlines = {
  /** Every host must run both collectors by then. */
  readonly deployment?: number;
  readonly warmupEnd?: number;
  /** While warming up: when hosts that fell silent make the experiment fail. */
  readonly warmupLimit?: number;
  readonly minimumEnd?: number;
  readonly maximumEnd?: number;
};

/**
 * The deadlines of an experiment, derived from its state and therefore the same after any restart. A pause discards
 * the measurement: after it, warm-up, minimum and maximum count anew.
 */
export function deadlines(state: ExperimentState): Deadlines {
  if (!isStarted(state)) return {};
  const { run } = state;
  const { deploySeconds, warmupSeconds, minimumSeconds, maximumSeconds } = state.spec.schedule;
  return {
    deployment: after(run.startedAt, deploySeconds),
    ...(run.warmupAt === undefined
      ? {}
      : {
          warmupEnd: after(run.warmupAt, warmupSeconds),
          warmupLimit: after(run.warmupAt, warmupSeconds + deploySeconds),
        }),
    ...(run.measurementAt === undefined
      ? {}
      : {
          minimumEnd: after(run.measurementAt, minimumSeconds),
          maximumEnd: after(run.measurementAt, maximumSeconds),
        }),
  };
}

function after(iso: string, seconds: number): number {
  return Date.parse(iso) + seconds * 1000;
}
