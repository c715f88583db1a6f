import {
  MetricsReader,
  type HashedAttribute,
  type MetricInfo,
  type MetricsVisitor,
  type PointView,
} from '#lib/otlp';
import { processIdentity, type ProcessIdentity } from './process-identity.js';
import { ProcessUsage, type ProcessScore } from './process-usage.js';

/**
 * Folds the requests of a ranking tap (`tap=ranking`) into per-process scores, from which top-k and adaptive
 * control choose. A tap shows what the filter drops, so it is never counted as a variant's output.
 */
export class RankingTap {
  private readonly reader = new MetricsReader();
  private readonly usage = new ProcessUsage();

  /** Folds one uncompressed request that arrived at `at` (ms since the epoch). Throws `OtlpDecodeError`. */
  record(body: Uint8Array, at: number): void {
    this.reader.read(body, new UsageVisitor(this.usage, at));
  }

  /** All processes heard of within `PROCESS_FORGOTTEN_MS` before `at`, busiest first. */
  ranking(at: number): readonly ProcessScore[] {
    return this.usage.scores(at);
  }
}

class UsageVisitor implements MetricsVisitor {
  private identity: ProcessIdentity = processIdentity([]);
  private current: MetricInfo | null = null;

  constructor(
    private readonly usage: ProcessUsage,
    private readonly at: number,
  ) {}

  resource(attributes: readonly HashedAttribute[]): void {
    this.identity = processIdentity(attributes);
  }

  metric(metric: MetricInfo): void {
    this.current = ProcessUsage.follows(metric) ? metric : null;
  }

  point(point: PointView): void {
    if (this.current !== null) this.usage.observe(this.identity, this.current, point, this.at);
  }
}
