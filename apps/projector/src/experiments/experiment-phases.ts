import type { ExperimentPhaseName } from '#lib/database';
import type { ExperimentEvent } from '#lib/events';

/** The phase that an experiment is in after each event, whatever came before. */
export const phaseAfter: Readonly<Record<ExperimentEvent['type'], ExperimentPhaseName>> = {
  ExperimentDrafted: 'draft',
  ExperimentRevised: 'draft',
  ExperimentStarted: 'deploying',
  ExperimentWarmupBegan: 'warming',
  ExperimentMeasurementBegan: 'running',
  ExperimentPaused: 'paused',
  ExperimentResumed: 'warming',
  ExperimentConcluded: 'concluded',
  ExperimentPromotionRequested: 'promoting',
  ExperimentPromoted: 'promoted',
  RollbackRequested: 'rolling_back',
  ExperimentRolledBack: 'rolled_back',
  ExperimentStopRequested: 'stopping',
  ExperimentStopped: 'stopped',
  ExperimentFailed: 'failed',
  ExperimentArchived: 'archived',
};
