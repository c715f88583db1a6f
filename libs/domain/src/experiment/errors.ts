import { DomainError } from '../kernel/index.js';

/** Every refusal of the experiment aggregate, with the sentence that goes with it and what can be done. */
export const experimentErrors = {
  'experiment-not-found': ['There is no such experiment.', 'Check the id, or draft the experiment first.'],
  'experiment-already-exists': [
    'An experiment with this id exists already.',
    'Draft the new one under another id.',
  ],
  'experiment-already-started': [
    'The experiment has left the draft; its description and targets are frozen.',
    'Clone it to try another description.',
  ],
  'experiment-not-started': ['The experiment is still a draft; nothing runs.', 'Start it first.'],
  'experiment-ended': ['The experiment has ended.', 'Clone it to run it again.'],
  'experiment-not-deploying': [
    'Warm-up begins only while the experiment is being deployed.',
    'Read its phase first.',
  ],
  'experiment-not-warming': ['Measurement begins only after warm-up.', 'Read its phase first.'],
  'experiment-not-pausable': [
    'Only a warming or running experiment can be paused.',
    'Stop it or roll it back.',
  ],
  'experiment-not-paused': ['The experiment is not paused, so there is nothing to resume.', undefined],
  'experiment-not-running': [
    'Only a running experiment can be concluded.',
    'Wait until warm-up is over, or stop the experiment.',
  ],
  'experiment-not-promotable': [
    'Only a concluded experiment can be promoted, or a running one despite the missing verdict.',
    'Wait for the verdict, or promote the running experiment with despiteVerdict and a reason.',
  ],
  'experiment-not-promoting': ['No promotion is under way.', undefined],
  'experiment-not-rollbackable': [
    'Hosts are already on their way back to the baseline.',
    'Wait until they have arrived.',
  ],
  'experiment-not-rolling-back': ['No rollback is under way.', undefined],
  'experiment-not-stoppable': [
    'The experiment is on its way to another end.',
    'Roll it back if hosts are to return to the baseline.',
  ],
  'experiment-not-stopping': ['The experiment is not being stopped.', undefined],
  'experiment-cannot-fail': ['Only a deploying, warming or running experiment can fail.', 'Stop it instead.'],
  'experiment-still-active': [
    'Hosts still work for the experiment, so it cannot be archived.',
    'Stop, promote or roll it back first.',
  ],
  'invalid-schedule': [
    'The minimum duration is longer than the maximum.',
    'Choose minimumSeconds <= maximumSeconds.',
  ],
  'duplicate-guardrail': ['A guardrail is named twice.', 'Keep one margin for each KPI.'],
  'no-target-hosts': [
    'The targets name no host.',
    'Enrol a host, or change the host ids, labels or site of the targets.',
  ],
  'hosts-busy': ['Hosts take part in another experiment.', 'Wait for it, stop it, or choose other hosts.'],
  'verdict-does-not-promote': [
    'The verdict does not say that the candidate should replace the baseline.',
    'Promote with despiteVerdict and a reason, or roll back.',
  ],
  'reason-required': ['A promotion despite the verdict needs a reason for the record.', 'Say why.'],
} as const satisfies Record<string, readonly [string, string | undefined]>;

export type ExperimentErrorCode = keyof typeof experimentErrors;

/** The refusal of a code; `detail` replaces the general sentence where more is known. */
export function refuseExperiment(
  code: ExperimentErrorCode,
  detail: string = experimentErrors[code][0],
): DomainError<ExperimentErrorCode> {
  return new DomainError(code, detail, experimentErrors[code][1]);
}
