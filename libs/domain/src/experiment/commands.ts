import type { AggregateId, ExperimentSpec, FrozenPipeline, HostId, RollbackMode, Verdict } from '#lib/events';

/** When the command was given, ISO 8601; set at the edge. */
type At = { readonly at: string };

/** A host that may not take part because another experiment holds it; looked up at the edge. */
export type BusyHost = { readonly host: HostId; readonly experimentId: string };

export type DraftExperiment = At & {
  readonly type: 'DraftExperiment';
  readonly spec: ExperimentSpec;
  /** The experiment that the description was taken from. */
  readonly clonedFrom?: AggregateId;
};
export type ReviseExperiment = At & { readonly type: 'ReviseExperiment'; readonly spec: ExperimentSpec };
/** Targets and pipelines arrive resolved: what runs is frozen with this command. */
export type StartExperiment = At & {
  readonly type: 'StartExperiment';
  readonly hosts: readonly HostId[];
  readonly baseline: FrozenPipeline;
  readonly candidate: FrozenPipeline;
  readonly busyHosts?: readonly BusyHost[];
};
export type BeginWarmup = At & { readonly type: 'BeginWarmup' };
export type BeginMeasurement = At & { readonly type: 'BeginMeasurement' };
/** `graceful` drains the candidate first, `instant` stops it at once; the same for a stop and a rollback. */
export type PauseExperiment = At & {
  readonly type: 'PauseExperiment';
  readonly mode: RollbackMode;
  readonly reason: string;
};
export type ResumeExperiment = At & { readonly type: 'ResumeExperiment' };
export type ConcludeExperiment = At & { readonly type: 'ConcludeExperiment'; readonly verdict: Verdict };
/** `despiteVerdict`: a person promotes although no verdict says `promote`; it needs a reason for the record. */
export type PromoteExperiment = At & {
  readonly type: 'PromoteExperiment';
  readonly reason: string;
  readonly despiteVerdict: boolean;
};
export type ConfirmPromotion = At & { readonly type: 'ConfirmPromotion' };
export type RollBackExperiment = At & {
  readonly type: 'RollBackExperiment';
  readonly mode: RollbackMode;
  readonly requestedBy: 'user' | 'guardrail' | 'policy';
  readonly reason: string;
};
export type ConfirmRollback = At & { readonly type: 'ConfirmRollback' };
export type StopExperiment = At & {
  readonly type: 'StopExperiment';
  readonly mode: RollbackMode;
  readonly reason: string;
};
export type ConfirmStop = At & { readonly type: 'ConfirmStop' };
export type FailExperiment = At & { readonly type: 'FailExperiment'; readonly reason: string };
export type ArchiveExperiment = At & { readonly type: 'ArchiveExperiment' };

export type ExperimentCommand =
  | DraftExperiment
  | ReviseExperiment
  | StartExperiment
  | BeginWarmup
  | BeginMeasurement
  | PauseExperiment
  | ResumeExperiment
  | ConcludeExperiment
  | PromoteExperiment
  | ConfirmPromotion
  | RollBackExperiment
  | ConfirmRollback
  | StopExperiment
  | ConfirmStop
  | FailExperiment
  | ArchiveExperiment;
