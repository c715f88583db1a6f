import type { PipelineEvent } from '#lib/events';
import { assertNever, type Decider } from '../kernel/index.js';
import type { PipelineCommand } from './commands.js';
import type { PipelineState } from './state.js';
import { nextPipelinePhase } from './transitions.js';

export const pipelineDecider: Decider<'pipeline', PipelineCommand, PipelineState> = {
  aggregate: 'pipeline',
  initialState: () => ({ phase: 'absent' }),
  decide: (command, state) =>
    nextPipelinePhase(command.type, state.phase) === 'no-op' ? [] : [eventOf(command, state)],
  evolve,
};

function eventOf(command: PipelineCommand, state: PipelineState): PipelineEvent {
  const { at } = command;
  switch (command.type) {
    case 'CreatePipeline':
      return {
        type: 'PipelineCreated',
        data: { at, name: command.name, description: command.description },
      };
    case 'PublishPipelineVersion': {
      const version = state.phase === 'absent' ? 1 : state.versions.length + 1;
      const { template, parameters } = command;
      return { type: 'PipelineVersionPublished', data: { at, version, template, parameters } };
    }
    case 'DeprecatePipeline':
      return { type: 'PipelineDeprecated', data: { at, reason: command.reason } };
    default:
      return assertNever(command);
  }
}

function evolve(state: PipelineState, event: PipelineEvent): PipelineState {
  if (event.type === 'PipelineCreated') {
    const { name, description } = event.data;
    return { phase: 'active', name, description, versions: [] };
  }
  if (state.phase === 'absent') throw new TypeError(`${event.type} cannot be the first event of a pipeline`);
  switch (event.type) {
    case 'PipelineVersionPublished': {
      const { version, template, parameters } = event.data;
      return { ...state, versions: [...state.versions, { version, template, parameters }] };
    }
    case 'PipelineDeprecated':
      return { ...state, phase: 'deprecated' };
    default:
      return assertNever(event);
  }
}
