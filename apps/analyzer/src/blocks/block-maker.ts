import { deadlines } from '#lib/domain';
import type { HostId } from '#lib/events';
import { mergeBlock, type Block, type BlockSpan } from '#lib/metering';
import type { Clock } from '#lib/platform';
import { endOf, finalBlocks, windowEndBefore } from '../shared/block-grid.js';
import type { ExperimentKey, KnownExperiment } from '../shared/experiment-book.js';
import type { Sightings } from '../shared/sightings.js';
import type { BlockStore } from './block-store.js';
import { currentGrid, Measurement } from './measurement.js';

/** A window that is in its row. */
export type ArrivedWindow = ExperimentKey & { readonly host: HostId; readonly start: number };

export interface BlockMakerParts {
  readonly store: BlockStore;
  readonly sightings: Sightings;
  readonly clock: Pick<Clock, 'now' | 'iso'>;
  /** Told that blocks of an experiment changed. */
  readonly onChanged: (experiment: ExperimentKey, blocks: number) => void;
}

/** A host that is silent holds a block up for so long, then the block is made of what there is. */
const GRACE_MS = 20_000;
/** A window that is later than this after its end changes no block any more. */
const LATE_MS = 30 * 60_000;
/** Blocks in one transaction; bounds the memory of catching up. */
const CHUNK = 12;

/**
 * Makes canonical blocks of the windows of a measurement. Every host gets a block for every span, without variants
 * where it sent nothing, so that silence is part of the evidence. Not for concurrent calls.
 */
export class BlockMaker {
  private readonly measurements = new Map<string, Measurement>();

  constructor(private readonly parts: BlockMakerParts) {}

  /** A window was stored: if its block is made already, it will be made anew. */
  arrived({ tenant, id, host, start }: ArrivedWindow): void {
    if (this.parts.clock.now() - start > LATE_MS) return;
    this.measurements.get(`${tenant} ${id}`)?.touch(host, start);
  }

  /** Makes the blocks whose time has come, for a running experiment. */
  async makeDue(experiment: KnownExperiment): Promise<void> {
    const measurement = await this.measurementOf(experiment);
    if (measurement === undefined) return;
    const { tenant, state } = experiment;
    const certain = this.parts.clock.now() - GRACE_MS;
    // A whole block across the deadline would stand where the short one of the end belongs.
    const deadline = deadlines(state).maximumEnd ?? Infinity;
    for (const host of state.run.hosts) {
      const seen = this.parts.sightings.of(tenant, host)?.end ?? 0;
      await this.makeAll(experiment, { host, measurement, end: Math.min(deadline, Math.max(certain, seen)) });
    }
  }

  /** Makes all blocks of a measurement that ends at `end`, and answers with all that there are. */
  async finish(experiment: KnownExperiment, end: number): Promise<readonly Block[]> {
    const measurement = await this.measurementOf(experiment);
    if (measurement === undefined) return [];
    const last = finalBlocks(measurement.grid, end).at(-1);
    for (const host of experiment.state.run.hosts) {
      await this.makeAll(experiment, { host, measurement, end });
      const isShort = last !== undefined && last.seconds < measurement.grid.seconds;
      if (isShort) await this.make(experiment, { host, measurement, end }, [last]);
    }
    const blocks = await this.parts.store.blocks(experiment);
    return blocks.filter((block) => block.start >= measurement.grid.begin && endOf(block) <= end);
  }

  /** Forgets experiments that measure no more: what comes after a verdict changes no block. */
  keepOnly(running: readonly ExperimentKey[]): void {
    const kept = new Set(running.map(({ tenant, id }) => `${tenant} ${id}`));
    for (const key of this.measurements.keys()) if (!kept.has(key)) this.measurements.delete(key);
  }

  private async measurementOf(experiment: KnownExperiment): Promise<Measurement | undefined> {
    const grid = currentGrid(experiment);
    if (grid === undefined) return undefined;
    const key = `${experiment.tenant} ${experiment.id}`;
    const known = this.measurements.get(key);
    if (known?.grid.begin === grid.begin) return known;
    const { store } = this.parts;
    await store.discardBefore(experiment, grid);
    const measurement = new Measurement(grid, await store.madeUntil(experiment, grid));
    // Known from here on, so that windows which come while the stale ones are looked for count too.
    this.measurements.set(key, measurement);
    for (const { host, start } of await store.stale(experiment, grid)) measurement.touch(host, start);
    return measurement;
  }

  private async makeAll(experiment: KnownExperiment, of: HostOfMeasurement): Promise<void> {
    const end = windowEndBefore(Math.min(of.end, this.parts.clock.now()));
    for (;;) {
      const due = of.measurement.due(of.host, end, CHUNK);
      if (due.length === 0) return;
      await this.make(experiment, of, due);
    }
  }

  private async make(
    experiment: KnownExperiment,
    { host, measurement }: HostOfMeasurement,
    spans: readonly BlockSpan[],
  ): Promise<void> {
    const { store, clock, onChanged } = this.parts;
    const at = clock.iso();
    measurement.begin(host, spans);
    try {
      const blocks: Block[] = [];
      for (const span of spans) {
        const windows = await store.windows(experiment, host, span);
        // Without a window the merge cannot know whose block it is.
        blocks.push({ ...mergeBlock(windows, span), host });
      }
      await store.write(experiment, blocks, at);
      onChanged(experiment, blocks.length);
    } catch (error) {
      measurement.failed(host, spans);
      throw error;
    }
  }
}

type HostOfMeasurement = { readonly host: HostId; readonly measurement: Measurement; readonly end: number };
