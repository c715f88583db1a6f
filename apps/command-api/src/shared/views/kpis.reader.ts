import { Inject, Injectable } from '@nestjs/common';
import { DATA_SOURCE, kpiBlocks } from '#lib/database';
import { isoTime, kpisOf, type ExperimentKpis } from '#lib/domain';
import { isMeasured, type AggregateId, type ExperimentSpec, type Figure, type TenantId } from '#lib/events';
import { formulaOver, seriesMeasureFor, type Block } from '#lib/metering';
import type { Database } from './database.js';
import { countedBlocks, judgedBlocks, mostLost, seriesOverTime, usableBlocks } from './blocks.js';
import { ExperimentsReader } from './experiments.reader.js';
import type { Kpis } from './kpi.view.js';
import { monthlyCosts } from './monthly-costs.js';
import { volumeOf, volumePairs } from './volumes.js';

const SHOWN_LOST = 5;

/** Figures of an experiment, always made from its blocks anew: the same blocks give the same figures. */
@Injectable()
export class KpisReader {
  constructor(
    @Inject(DATA_SOURCE) private readonly db: Database,
    private readonly experiments: ExperimentsReader,
  ) {}

  /** Undefined when there is no such experiment. */
  async kpis(tenant: TenantId, id: AggregateId): Promise<Kpis | undefined> {
    const measured = await this.measured(tenant, id);
    return measured && kpisFrom(id, measured.spec, measured.blocks);
  }

  /** The blocks that count, with what was asked of the experiment. Undefined when there is no such experiment. */
  async measured(tenant: TenantId, id: AggregateId): Promise<MeasuredExperiment | undefined> {
    const experiment = await this.experiments.get(tenant, id);
    if (experiment === undefined) return undefined;
    const rows = await kpiBlocks(this.db, tenant, id);
    return { spec: experiment.spec, blocks: countedBlocks(rows, experiment.measurementAt) };
  }
}

export type MeasuredExperiment = { readonly spec: ExperimentSpec; readonly blocks: readonly Block[] };

/** The figures that blocks give. Pure. */
export function kpisFrom(id: AggregateId, spec: ExperimentSpec, blocks: readonly Block[]): Kpis {
  const measure = seriesMeasureFor(spec.schedule.maximumSeconds);
  const judged = judgedBlocks(blocks, measure);
  const kpis = kpisOf(
    spec,
    judged.map(({ evidence }) => evidence),
  );
  const usable = usableBlocks(judged).map(({ block }) => block);
  const volume = { baseline: volumeOf(usable, 'baseline'), candidate: volumeOf(usable, 'candidate') };
  const counted = (figure: Figure): Figure =>
    isMeasured(figure) ? { ...figure, formulaVersion: formulaOver(figure.formulaVersion, measure) } : figure;
  const { baseline, candidate } = kpis;
  const hosts = new Set(blocks.map(({ host }) => host)).size;
  return {
    experiment: id,
    window: windowOf(blocks),
    windows: blocks.reduce((sum, { windows }) => sum + windows, 0),
    gapSeconds: blocks.reduce((sum, block) => sum + gapOf(block), 0),
    series: {
      baseline: counted(baseline.activeSeries),
      candidate: counted(candidate.activeSeries),
      reduction: counted(kpis.reduction),
    },
    pointsPerMinute: { baseline: baseline.pointsPerMinute, candidate: candidate.pointsPerMinute },
    ...volumePairs(volume),
    coverage: {
      processes: kpis.processCoverage,
      critical: kpis.criticalCoverage,
      criticalProcesses: {
        inBoth: [...kpis.criticalProcesses.inBoth],
        lost: [...kpis.criticalProcesses.lost],
        neverSeen: [...kpis.criticalProcesses.neverSeen],
      },
      lost: [...mostLost(blocks, SHOWN_LOST)],
    },
    collector: { baseline: useOf(baseline), candidate: useOf(candidate) },
    cost: [...monthlyCosts(baseline, candidate, { measured: hosts, priced: hosts })],
    hosts,
    blocks: [...seriesOverTime(blocks, measure)],
  };
}

function useOf({ collectorCpu, collectorMemory }: ExperimentKpis['baseline']) {
  return { cpu: collectorCpu, memory: collectorMemory };
}

function gapOf({ baseline, candidate }: Block): number {
  return (baseline?.gapSeconds ?? 0) + (candidate?.gapSeconds ?? 0);
}

function windowOf(blocks: readonly Block[]): Kpis['window'] {
  if (blocks.length === 0) return null;
  const from = Math.min(...blocks.map(({ start }) => start));
  const to = Math.max(...blocks.map(({ start, seconds }) => start + seconds * 1000));
  return { from: isoTime(from), to: isoTime(to) };
}
