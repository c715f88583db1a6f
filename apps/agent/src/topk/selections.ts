import { reasonOf, type Clock, type Log } from '#lib/agent-core';
import { WINDOW_MS } from '#lib/metering';
import { decodeMetrics, type MetricsData } from '#lib/otlp';
import { ProcessLoad, TopKController, type TopKControl, type TopKSelection } from '#lib/pipelines';
import { orderKey, type CollectorSpec } from '../collectors/collector.js';

type Board = {
  readonly control: TopKControl;
  readonly controller: TopKController;
  readonly load: ProcessLoad;
  selection: TopKSelection;
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
  /** Called when a pipeline should keep another set. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly log: Log;
};

/** The sets that the top-k pipelines of this host keep, recomputed from their ranking taps. */
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
      return { ...spec, selection: board.selection };
    });
    this.boards = boards;
    return applied;
  }

  /** Goes on with the set that an adopted collector keeps. */
  resume(spec: CollectorSpec): void {
    const { selection } = spec;
    const { control } = spec.rendered;
    if (control === undefined || selection === undefined) return;
    const controller = new TopKController(control, { selection, swappedAt: this.options.clock.now() });
    this.boards.set(orderKey(spec), {
      control,
      controller,
      load: new ProcessLoad(),
      selection,
      heard: [],
      lookAt: 0,
    });
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
    const decision = board.controller.update(board.load.ranking(board.control.rankBy), now);
    if (!decision.changed) return;
    this.options.log.info({ variant: spec.variant, reason: decision.reason }, 'top-k set changes');
    board.selection = decision.selection;
    this.options.onChange();
  }

  /** An instance is gone; what an older one sends counts again. */
  forget(instance: string): void {
    for (const board of this.boards.values()) board.heard = board.heard.filter((one) => one !== instance);
  }

  /** The first set comes from our own look, so that a candidate never starts empty. */
  private primed(control: TopKControl): Board {
    const controller = new TopKController(control);
    const load = new ProcessLoad();
    try {
      load.observe(this.options.scrape());
    } catch (error) {
      this.options.log.warn({ reason: reasonOf(error) }, 'no first ranking');
    }
    const { selection } = controller.update(load.ranking(control.rankBy), this.options.clock.now());
    return { control, controller, load, selection, heard: [], lookAt: 0 };
  }
}
