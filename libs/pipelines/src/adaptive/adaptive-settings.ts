import type { Control } from '../render/rendered-pipeline.js';

/** What an `AdaptiveController` goes by. Thresholds are limits that never move, without a cap. */
export type AdaptiveSettings = {
  /** Limits; one of 0 does not count. */
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly offPercent: number;
  readonly minSecondsBetweenSwaps: number;
  readonly maxSwapsPerHour: number;
  readonly criticalProcesses: readonly string[];
  /** What limits are multiplied by in each band of their resource. */
  readonly factors: readonly [calm: number, busy: number, full: number];
  /** Individual processes at most, critical ones counted first. */
  readonly maxProcesses: number;
  /** The ceiling moves from `min` to `max` with the load, and `min` are in whatever the limits. */
  readonly k?: { readonly min: number; readonly max: number } | undefined;
};

/** What a host has: CPU cores and bytes of memory. */
export type HostCapacity = { readonly cores: number; readonly memoryBytes: number };

type Thresholds = Extract<Control, { kind: 'thresholds' }>;
type Adaptive = Extract<Control, { kind: 'adaptive' }>;

export function fixedThresholds(control: Thresholds): AdaptiveSettings {
  return { ...control, factors: [1, 1, 1], maxProcesses: Number.MAX_SAFE_INTEGER };
}

export function movingThresholds(control: Adaptive): AdaptiveSettings {
  const { maxSeries, scaling, seriesEach } = control;
  return {
    ...control,
    factors: [1, scaling.busyPercent / 100, scaling.fullPercent / 100],
    maxProcesses: Math.floor(maxSeries / seriesEach),
  };
}
