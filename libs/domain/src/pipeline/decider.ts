import { contentOf, type PipelineEvent } from '#lib/events';
import { assertNever, type Decider } from '../kernel/index.js';
import type { PipelineCommand } from './commands.js';
import { contentHash } from './content-hash.js';
import type { PipelineState } from './state.js';
import { nextPipelinePhase } from './transitions.js';

export const pipelineDecider: Decider<'pipeline', PipelineCommand, PipelineState> = {
  aggregate: 'pipeline',
  initialState: () => ({ phase: 'absent' }),
  decide: (command, state) =>
    nextPipelinePhase(command.type, state.phase) === 'no-op' || changesNothing(command, state)
      ? []
      : [eventOf(command, state)],
  evolve,
};

/** A version equal to the newest one would be another name for the same thing. */
function changesNothing(command: PipelineCommand, state: PipelineState): boolean {
  if (command.type !== 'PublishPipelineVersion' || state.phase === 'absent') return false;
  return state.versions.at(-1)?.contentHash === contentHash(command.content);
}

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
      const { content } = command;
      return {
        type: 'PipelineVersionPublished',
        data: { at, version, contentHash: contentHash(content), ...content },
      };
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
      const { version } = event.data;
      const content = contentOf(event.data);
      // What was stored without a hash has one all the same.
      const { contentHash: hash = contentHash(content) } = event.data;
      return { ...state, versions: [...state.versions, { version, content, contentHash: hash }] };
    }
    case 'PipelineDeprecated':
      return { ...state, phase: 'deprecated', deprecatedReason: event.data.reason };
    default:
      return assertNever(event);
  }
}
