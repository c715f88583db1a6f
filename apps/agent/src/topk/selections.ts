import { reasonOf, type Clock, type Log } from '#lib/agent-core';
import { WINDOW_MS } from '#lib/metering';
import { decodeMetrics, type MetricsData } from '#lib/otlp';
import {
  controllerOf,
  ProcessLoad,
  type Control,
  type HostCapacity,
  type SetController,
  type SetReason,
  type TopKSelection,
} from '#lib/pipelines';
import { orderKey, type CollectorSpec } from '../collectors/collector.js';

type Board = {
  readonly controller: SetController;
  readonly load: ProcessLoad;
  selection: TopKSelection;
  /** What the controller said last, so that a state which lasts is told once. */
  reason: SetReason | undefined;
  /** Instances whose tap was heard, the newest last: during a swap two send the same tick, and one counts. */
  heard: readonly string[];
  /** When the next scrape is looked at, ms since the epoch. */
  lookAt: number;
};

/** The controller's unit of time is a window, however often a pipeline scrapes. */
const LOOK_MS = WINDOW_MS - 500;

export type SelectionOptions = {
  /** A look at all processes now, which ranks them before any collector runs. */
  readonly scrape: () => MetricsData;
  /** What the load of processes is measured against. */
  readonly capacity: HostCapacity;
  /** Called when a pipeline should keep another set. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly log: Log;
};

/** The sets that the controlled pipelines of this host keep, recomputed from their ranking taps. */
export class Selections {
  private boards = new Map<string, Board>();

  constructor(private readonly options: SelectionOptions) {}

  /** The specifications with their sets of this moment; boards of others are forgotten. */
  applyTo(specs: readonly CollectorSpec[]): readonly CollectorSpec[] {
    const boards = new Map<string, Board>();
    const applied = specs.map((spec) => {
      if (spec.rendered.control === undefined) return spec;
      const board = this.boards.get(orderKey(spec)) ?? this.primed(spec.rendered.control);
      boards.set(orderKey(spec), board);
      const changes = board.controller.state?.changes;
      return { ...spec, selection: board.selection, ...(changes && { selectionChanges: changes }) };
    });
    this.boards = boards;
    return applied;
  }

  /** Goes on with the set that an adopted collector keeps. */
  resume(spec: CollectorSpec): void {
    const { selection } = spec;
    const { control } = spec.rendered;
    if (control === undefined || selection === undefined) return;
    const changes = spec.selectionChanges ?? [this.options.clock.now()];
    const controller = controllerOf(control, this.options.capacity, { selection, changes });
    this.boards.set(orderKey(spec), { ...blank(), controller, selection });
  }

  /** Takes one scrape of an instance's tap. */
  observe(spec: CollectorSpec, instance: string, body: Uint8Array): void {
    const board = this.boards.get(orderKey(spec));
    if (board === undefined) return;
    if (!board.heard.includes(instance)) board.heard = [...board.heard, instance];
    const now = this.options.clock.now();
    if (board.heard.at(-1) !== instance || now < board.lookAt) return;
    board.lookAt = now + LOOK_MS;
    board.load.observe(decodeMetrics(body));
    const { changed, reason, selection } = board.controller.update(board.load.latest, now);
    const isNews = board.reason !== reason;
    board.reason = reason;
    if (changed) {
      this.options.log.info({ variant: spec.variant, reason }, 'set of processes changes');
      board.selection = selection;
      this.options.onChange();
    } else if (isNews && reason === 'budget-is-used-up') {
      this.options.log.warn({ variant: spec.variant, reason }, 'set of processes should change and may not');
    }
  }

  /** An instance is gone; what an older one sends counts again. */
  forget(instance: string): void {
    for (const board of this.boards.values()) board.heard = board.heard.filter((one) => one !== instance);
  }

  /** The first set comes from our own look, so that a candidate never starts empty. */
  private primed(control: Control): Board {
    const controller = controllerOf(control, this.options.capacity);
    const { load, ...rest } = blank();
    try {
      load.observe(this.options.scrape());
    } catch (error) {
      this.options.log.warn({ reason: reasonOf(error) }, 'no first ranking');
    }
    const { selection } = controller.update(load.latest, this.options.clock.now());
    return { ...rest, controller, load, selection };
  }
}

function blank(): Omit<Board, 'controller' | 'selection'> {
  return { load: new ProcessLoad(), heard: [], lookAt: 0, reason: undefined };
}
