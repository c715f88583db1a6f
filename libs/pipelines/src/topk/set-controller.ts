import { AdaptiveController, type AdaptiveReason } from '../adaptive/adaptive-controller.js';
import { fixedThresholds, movingThresholds, type HostCapacity } from '../adaptive/adaptive-settings.js';
import type { TopKSelection } from '../process-rules.js';
import type { Control } from '../render/rendered-pipeline.js';
import type { WindowLoad } from './process-load.js';
import { TopKController, type TopKReason } from './top-k-controller.js';

export type SetReason = TopKReason | AdaptiveReason;

export type SetDecision = {
  readonly selection: TopKSelection;
  readonly changed: boolean;
  readonly reason: SetReason;
};

/** What to go on with after a restart: the set, and when it was changed in the last hour (epoch milliseconds). */
export type SetState = { readonly selection: TopKSelection; readonly changes: readonly number[] };

/** Decides window by window which processes a pipeline keeps, whatever the kind of its set. */
export interface SetController {
  /** Takes the load of one window that ended at `at`, epoch milliseconds. */
  update(load: WindowLoad, at: number): SetDecision;
  /** Undefined before the first set. */
  readonly state: SetState | undefined;
}

/** The controller that a control asks for. */
export function controllerOf(control: Control, host: HostCapacity, resumed?: SetState): SetController {
  switch (control.kind) {
    case 'topk':
      return topK(control, resumed);
    case 'thresholds':
      return adaptive(new AdaptiveController(fixedThresholds(control), host, resumed));
    case 'adaptive':
      return adaptive(new AdaptiveController(movingThresholds(control), host, resumed));
  }
}

function topK(control: Extract<Control, { kind: 'topk' }>, resumed: SetState | undefined): SetController {
  let state = resumed;
  const controller = new TopKController(
    control,
    resumed && {
      selection: resumed.selection,
      swappedAt: resumed.changes.at(-1) ?? Number.NEGATIVE_INFINITY,
    },
  );
  return {
    update: (load, at) => {
      const decision = controller.update(load.ranking(control.rankBy), at);
      if (decision.changed) state = { selection: decision.selection, changes: [at] };
      return decision;
    },
    get state() {
      return state;
    },
  };
}

function adaptive(controller: AdaptiveController): SetController {
  return {
    update: (load, at) => controller.update(load.uses(), at),
    get state() {
      return controller.state;
    },
  };
}
