/** The parts of command-api's answers that the command line and the demo read; the whole is in docs/openapi.json. */
import type { ValidationAnswer } from './pipeline-answers.js';

export interface MeasuredFigure {
  readonly value: number;
  readonly unit: string;
  readonly window: { readonly from: string; readonly to: string };
  readonly formulaVersion: string;
  readonly interval?: FigureInterval;
  readonly note?: string;
}
export type FigureInterval =
  | { readonly kind: 'confidence'; readonly level: number; readonly low: number; readonly high: number }
  | { readonly kind: 'range'; readonly blocks: number; readonly low: number; readonly high: number };

/** Every number is measured, or says why there is none. */
export type Figure = MeasuredFigure | { readonly noData: true; readonly reason: string };
export interface Pair {
  readonly baseline: Figure;
  readonly candidate: Figure;
}

export interface ExperimentSummary {
  readonly id: string;
  readonly name: string;
  readonly phase: string;
  readonly position: string;
  readonly decision: string | null;
}

export interface ExperimentAnswer {
  readonly id: string;
  readonly name: string;
  readonly phase: string;
  readonly position: string;
  readonly hosts: readonly string[];
  readonly reason: string | null;
  readonly measurementAt: string | null;
  readonly spec: {
    readonly schedule: { readonly warmupSeconds: number; readonly maximumSeconds: number };
    readonly criticalProcesses: readonly string[];
  };
  readonly verdict: {
    readonly decision: string;
    readonly reason: string;
    readonly scope: { readonly hosts: string; readonly time: string };
  } | null;
}

/** Who did what, when and why. */
export interface HistoryAnswer {
  readonly items: readonly {
    readonly position: string;
    readonly type: string;
    readonly at: string;
    readonly actor: { readonly kind: string; readonly id: string };
    readonly data: { readonly reason?: string };
  }[];
}

export interface CostAnswer {
  readonly tariff: string;
  readonly name: string;
  readonly asOf: string;
  readonly baseline: Figure;
  readonly candidate: Figure;
  readonly saving: Figure;
}

export interface KpiAnswer {
  readonly windows: number;
  readonly gapSeconds: number;
  readonly series: Pair & { readonly reduction: Figure };
  readonly pointsPerMinute: Pair;
  readonly uniqueSeries: Pair;
  readonly churn: Pair;
  readonly bytesPerMinute: Pair;
  readonly wireBytesPerMinute: Pair;
  readonly drops: { readonly perMinute: Pair; readonly share: Pair };
  readonly coverage: {
    readonly processes: Figure;
    readonly critical: Figure;
    readonly criticalProcesses: Readonly<Record<'inBoth' | 'lost' | 'neverSeen', readonly string[]>>;
    readonly lost: readonly { readonly name: string; readonly series: number }[];
  };
  readonly collector: Readonly<
    Record<'baseline' | 'candidate', { readonly cpu: Figure; readonly memory: Figure }>
  >;
  readonly cost: readonly CostAnswer[];
}

/** Series and points by name; of an attribute key its distinct values. */
export type BreakdownCell =
  { readonly series: Figure; readonly pointsPerMinute: Figure } | { readonly distinctValues: Figure };
export interface BreakdownRow {
  readonly name: string;
  readonly baseline: BreakdownCell;
  readonly candidate: BreakdownCell;
  readonly reduction: Figure;
}

export interface BreakdownAnswer {
  readonly by: string;
  readonly label: string | null;
  readonly hosts: number;
  readonly names: number;
  readonly rows: readonly BreakdownRow[];
  readonly rest: BreakdownRow | null;
  readonly unnamed: BreakdownRow | null;
  readonly reason: string | null;
}

export interface CostAnalysisAnswer {
  readonly measured: readonly CostAnswer[];
  readonly fleet: { readonly hosts: number; readonly projected: readonly CostAnswer[] };
}

/** Accepted command: where its commit stands. */
export interface Accepted {
  readonly id: string;
  readonly position: string;
  /** Warnings on what was accepted, where there are any. */
  readonly findings?: ValidationAnswer['findings'];
}

/** Files that bring a pipeline to a cluster, and what it does not do there. */
export interface PipelineExportAnswer {
  readonly format: string;
  readonly hash: string;
  readonly files: readonly { readonly path: string; readonly content: string }[];
  readonly warnings: readonly { readonly message: string; readonly fix: string }[];
}
