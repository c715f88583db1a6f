import fc from 'fast-check';
import type { ExperimentCommand } from '../experiment/index.js';
import { AT, baselinePipeline, candidatePipeline, hostId, spec, verdictOf } from './samples.js';

type Type = ExperimentCommand['type'];

/** One legal command of each type, as far as its data go. */
export const experimentCommands: { readonly [C in ExperimentCommand as C['type']]: C } = {
  DraftExperiment: { type: 'DraftExperiment', at: AT, spec },
  ReviseExperiment: { type: 'ReviseExperiment', at: AT, spec: { ...spec, name: 'even fewer' } },
  StartExperiment: {
    type: 'StartExperiment',
    at: AT,
    hosts: [hostId('h1'), hostId('h2')],
    baseline: baselinePipeline,
    candidate: candidatePipeline,
  },
  BeginWarmup: { type: 'BeginWarmup', at: AT },
  BeginMeasurement: { type: 'BeginMeasurement', at: AT },
  PauseExperiment: { type: 'PauseExperiment', at: AT, mode: 'graceful', reason: 'lunch' },
  ResumeExperiment: { type: 'ResumeExperiment', at: AT },
  ConcludeExperiment: { type: 'ConcludeExperiment', at: AT, verdict: verdictOf('promote') },
  PromoteExperiment: { type: 'PromoteExperiment', at: AT, reason: 'good', despiteVerdict: true },
  ConfirmPromotion: { type: 'ConfirmPromotion', at: AT },
  RollBackExperiment: {
    type: 'RollBackExperiment',
    at: AT,
    mode: 'graceful',
    requestedBy: 'user',
    reason: 'no good',
  },
  ConfirmRollback: { type: 'ConfirmRollback', at: AT },
  StopExperiment: { type: 'StopExperiment', at: AT, mode: 'graceful', reason: 'enough' },
  ConfirmStop: { type: 'ConfirmStop', at: AT },
  FailExperiment: { type: 'FailExperiment', at: AT, reason: 'hosts are missing' },
  ArchiveExperiment: { type: 'ArchiveExperiment', at: AT },
};

/** The shortest way into each phase. */
export const pathTo = {
  absent: [],
  draft: ['DraftExperiment'],
  deploying: ['DraftExperiment', 'StartExperiment'],
  warming: ['DraftExperiment', 'StartExperiment', 'BeginWarmup'],
  running: ['DraftExperiment', 'StartExperiment', 'BeginWarmup', 'BeginMeasurement'],
  paused: ['DraftExperiment', 'StartExperiment', 'BeginWarmup', 'PauseExperiment'],
  concluded: ['DraftExperiment', 'StartExperiment', 'BeginWarmup', 'BeginMeasurement', 'ConcludeExperiment'],
  promoting: ['DraftExperiment', 'StartExperiment', 'BeginWarmup', 'BeginMeasurement', 'PromoteExperiment'],
  promoted: [
    'DraftExperiment',
    'StartExperiment',
    'BeginWarmup',
    'BeginMeasurement',
    'PromoteExperiment',
    'ConfirmPromotion',
  ],
  rolling_back: ['DraftExperiment', 'StartExperiment', 'RollBackExperiment'],
  rolled_back: ['DraftExperiment', 'StartExperiment', 'RollBackExperiment', 'ConfirmRollback'],
  stopping: ['DraftExperiment', 'StartExperiment', 'StopExperiment'],
  stopped: ['DraftExperiment', 'StartExperiment', 'StopExperiment', 'ConfirmStop'],
  failed: ['DraftExperiment', 'StartExperiment', 'FailExperiment'],
  archived: ['DraftExperiment', 'ArchiveExperiment'],
} as const satisfies Record<string, readonly Type[]>;

/** Commands in any order, with the data that rules look at varied. */
export const anyExperimentCommand: fc.Arbitrary<ExperimentCommand> = fc.oneof(
  { weight: 16, arbitrary: fc.constantFrom(...Object.values(experimentCommands)) },
  fc
    .constantFrom('promote', 'keep-baseline', 'inconclusive', 'invalid')
    .map((decision): ExperimentCommand => ({
      ...experimentCommands.ConcludeExperiment,
      verdict: verdictOf(decision),
    })),
  fc
    .record({ despiteVerdict: fc.boolean(), reason: fc.constantFrom('', 'a reason') })
    .map((data): ExperimentCommand => ({ ...experimentCommands.PromoteExperiment, ...data })),
  fc.constantFrom<ExperimentCommand>(
    { ...experimentCommands.StartExperiment, hosts: [] },
    {
      ...experimentCommands.StartExperiment,
      busyHosts: [{ host: hostId('h2'), experimentId: 'e9' }],
    },
    { ...experimentCommands.RollBackExperiment, mode: 'instant', requestedBy: 'guardrail' },
  ),
);
