import * as fc from 'fast-check';
import { isFinalTaskPhase, phaseAfter, taskStages, type TaskPhase, type TaskStage } from './index.js';

const fold = (stages: readonly TaskStage[]): TaskPhase =>
  stages.reduce<TaskPhase>((phase, stage) => phaseAfter(phase, stage) ?? phase, 'requested');

describe('the phase of a task', () => {
  it.each<[TaskPhase, TaskStage, TaskPhase | undefined]>([
    ['requested', 'offered', 'offered'],
    ['offered', 'accepted', 'accepted'],
    ['offered', 'running', 'running'],
    ['running', 'accepted', undefined],
    ['accepted', 'cancel-requested', 'accepted'],
    ['done', 'cancel-requested', undefined],
    ['accepted', 'expired', 'expired'],
    ['expired', 'done', 'done'],
    ['expired', 'expired', undefined],
    ['expired', 'running', undefined],
    ['done', 'failed', undefined],
    ['cancelled', 'done', undefined],
  ])('%s, then %s: %s', (phase, stage, after) => expect(phaseAfter(phase, stage)).toBe(after));

  it('ends once: after a report of the host nothing changes, in whatever order stages come', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...taskStages), { maxLength: 20 }), (stages) => {
        const reported = stages.findIndex((stage) => ['done', 'failed', 'cancelled'].includes(stage));
        const phase = fold(stages);
        if (reported >= 0) expect(phase).toBe(stages[reported]);
        else expect(isFinalTaskPhase(phase)).toBe(stages.includes('expired'));
      }),
    );
  });
});
