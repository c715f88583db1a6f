import { DomainError, type Decider } from '#lib/domain-kernel';
import { versionPublished } from './pipeline-commits.js';

/** `publish` adds a version, `settle` changes nothing, `deprecate` makes every later `publish` a refusal. */
export type CountingCommand =
  { readonly type: 'publish' } | { readonly type: 'settle' } | { readonly type: 'deprecate' };

export interface CountingState {
  readonly versions: number;
  readonly deprecated: boolean;
}

/** The smallest set of rules over real events that can accept, refuse and do nothing. */
export const countingDecider: Decider<'pipeline', CountingCommand, CountingState> = {
  aggregate: 'pipeline',
  initialState: () => ({ versions: 0, deprecated: false }),
  decide: (command, state) => {
    switch (command.type) {
      case 'publish':
        if (state.deprecated) throw new DomainError('pipeline-deprecated', 'nothing more can be published');
        return [versionPublished(state.versions + 1)];
      case 'settle':
        return [];
      case 'deprecate':
        return [{ type: 'PipelineDeprecated', data: { at: '2026-01-01T00:00:00.000Z', reason: 'old' } }];
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'PipelineVersionPublished':
        return { ...state, versions: state.versions + 1 };
      case 'PipelineDeprecated':
        return { ...state, deprecated: true };
      case 'PipelineCreated':
        return state;
    }
  },
};
