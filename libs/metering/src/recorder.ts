import {
  MetricsReader,
  OtlpDecodeError,
  type HashedAttribute,
  type MetricInfo,
  type MetricsVisitor,
  type PointView,
} from '#lib/otlp';
import type { MinuteSeries } from './minute-series.js';
import { type NameRegistry, NO_NAME_INDEX } from './name-registry.js';
import { processIdentity, type ProcessIdentity } from './process-identity.js';
import { serviceIdentity } from './service-identity.js';
import { ProcessUsage } from './process-usage.js';
import type { WindowCounts } from './window-counts.js';

/** Where one request is counted. `window` is a number that is unique to the open window, 1 or more. */
export type RecordTarget = {
  readonly counts: WindowCounts;
  readonly minute: MinuteSeries;
  readonly usage: ProcessUsage;
  readonly metrics: NameRegistry;
  readonly executables: NameRegistry;
  readonly services: NameRegistry;
  readonly namespaces: NameRegistry;
  readonly window: number;
};

export type MeteredRequest = { readonly body: Uint8Array; readonly wireBytes: number; readonly at: number };

/** Folds requests into counts. One recorder serves all collectors of a host, so attributes are decoded once. */
export class Recorder implements MetricsVisitor {
  private readonly reader = new MetricsReader();
  private target!: RecordTarget;
  private at = 0;
  private newest = 0;
  private resourceAttributes: readonly HashedAttribute[] = [];
  private resourceCounted: MinuteSeries | null = null;
  private identity: ProcessIdentity = processIdentity([]);
  private resourceExecutable = NO_NAME_INDEX;
  private service = NO_NAME_INDEX;
  private namespace = NO_NAME_INDEX;
  /** What the window had counted when the resource began. */
  private pointsBefore = 0;
  private seriesBefore = 0;
  private metricInfo: MetricInfo | null = null;
  private metricIndex = NO_NAME_INDEX;
  private followsUsage = false;

  /** Counts one request. Throws `OtlpDecodeError` after counting it as malformed. */
  record(target: RecordTarget, request: MeteredRequest): void {
    const { counts } = target;
    this.target = target;
    this.at = request.at;
    this.newest = 0;
    this.beginResource();
    counts.requests++;
    counts.bytes += request.body.length;
    counts.wireBytes += request.wireBytes;
    try {
      this.reader.read(request.body, this);
    } catch (error) {
      if (error instanceof OtlpDecodeError) counts.malformed++;
      throw error;
    } finally {
      this.endResource();
      if (this.newest > 0) counts.lag(request.at - this.newest);
    }
  }

  resource(attributes: readonly HashedAttribute[]): void {
    this.endResource();
    this.beginResource();
    this.resourceAttributes = attributes;
    this.resourceCounted = null;
    this.identity = processIdentity(attributes);
    this.resourceExecutable = this.target.executables.index(this.identity.executable);
    const { service, namespace } = serviceIdentity(attributes);
    this.service = this.target.services.index(service);
    this.namespace = this.target.namespaces.index(namespace);
  }

  metric(metric: MetricInfo): void {
    this.metricInfo = metric;
    this.metricIndex = this.target.metrics.index(metric.name);
    this.followsUsage = ProcessUsage.follows(metric);
  }

  point(point: PointView): void {
    const { counts, usage } = this.target;
    counts.points++;
    if (this.identity.namesHost) counts.hostPoints++;
    if (point.timeMs > this.newest) this.newest = point.timeMs;
    counts.metrics.point(this.metricIndex);
    counts.executables.point(this.series(point));
    if (this.followsUsage && this.metricInfo !== null)
      usage.observe(this.identity, this.metricInfo, point, this.at);
  }

  private beginResource(): void {
    const { counts } = this.target;
    this.pointsBefore = counts.points;
    this.seriesBefore = counts.exact;
  }

  /** A service owns whole resources, so it is counted once for each of them and costs nothing per point. */
  private endResource(): void {
    const { counts } = this.target;
    const points = counts.points - this.pointsBefore;
    const series = counts.exact - this.seriesBefore;
    if (points === 0) return;
    counts.services.add(this.service, points, series);
    counts.namespaces.add(this.namespace, points, series);
  }

  /** Counts the point's series and gives the index of its executable. */
  private series(point: PointView): number {
    const { counts, minute, window } = this.target;
    const { table } = minute;
    const slot = table.slotOf(point.lo, point.hi);
    if (table.isEmpty(slot)) return this.newSeries(point);
    const executable = table.executableAt(slot);
    if (table.touch(slot, window)) counts.activeSeries(this.metricIndex, executable);
    return executable;
  }

  private newSeries(point: PointView): number {
    const { counts, minute, window } = this.target;
    const { lo, hi } = point;
    const executable = this.executableOf(point);
    const entry = { lo, hi, metric: this.metricIndex, executable };
    if (minute.table.add(entry, window)) counts.activeSeries(this.metricIndex, executable);
    else {
      counts.overflowSeries(lo, hi);
      minute.overflowSeries(lo, hi);
    }
    if (this.resourceCounted !== minute) minute.values(this.resourceAttributes);
    this.resourceCounted = minute;
    minute.values(point.attributes);
    return executable;
  }

  /** Aggregating pipelines move the executable from the resource to the points. */
  private executableOf(point: PointView): number {
    if (this.resourceExecutable !== NO_NAME_INDEX) return this.resourceExecutable;
    return this.target.executables.index(processIdentity(point.attributes).executable);
  }
}
