import type { PipelineCommand } from './commands.js';
import { refusePipeline, type PipelineErrorCode } from './errors.js';
import type { PipelinePhase } from './state.js';

type From = PipelinePhase | 'absent';

/** The whole state machine: for each command the phases it is legal in and the phase it leads to. */
export const pipelineTransitions: Record<
  PipelineCommand['type'],
  {
    readonly moves: Partial<Record<From, PipelinePhase | 'no-op'>>;
    readonly otherwise: PipelineErrorCode;
  }
> = {
  CreatePipeline: { moves: { absent: 'active' }, otherwise: 'pipeline-already-exists' },
  PublishPipelineVersion: { moves: { active: 'active' }, otherwise: 'pipeline-deprecated' },
  DeprecatePipeline: {
    moves: { active: 'deprecated', deprecated: 'no-op' },
    otherwise: 'pipeline-not-found',
  },
};

/** Where a command leads from a phase. @throws DomainError when the state machine has no such move. */
export function nextPipelinePhase(command: PipelineCommand['type'], from: From): PipelinePhase | 'no-op' {
  const { moves, otherwise } = pipelineTransitions[command];
  const to = moves[from];
  if (to === undefined) throw refusePipeline(from === 'absent' ? 'pipeline-not-found' : otherwise);
  return to;
}
