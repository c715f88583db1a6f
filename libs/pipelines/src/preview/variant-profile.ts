import { attributeValue, type MetricsData, type Resource, type ResourceMetrics } from '#lib/otlp';
import type { KnownAttribute, KnownSet } from './known-sets.js';
import type { Layout, Layouts } from './layouts.js';
import { executableOf } from './process-names.js';
import { resourceSize } from './sizes.js';

/** A resource with the layouts that it was seen with, and how often. */
export type SeenResource = {
  readonly executable: string;
  readonly attributes: readonly KnownAttribute[];
  readonly layouts: Map<Layout, number>;
  /** The hosts that sent it. */
  readonly hosts: Set<string>;
};

const MINUTE_MS = 60_000;

/** What one pipeline sent of a recording, counted exactly. Series are told apart as the meter does. */
export class VariantProfile {
  points = 0;
  /** Of the exports before compression. */
  bytes = 0;
  readonly resources = new Map<number, SeenResource>();
  /** Every process that was told by its pid, as text, with its executable. */
  readonly processes = new Map<string, string>();
  private counts: ReadonlyMap<string, number> | undefined;
  private readonly seen = new Map<KnownSet, SeenResource>();
  private minute = { index: 0, seen: new Map<SeenResource, Set<Layout>>() };
  private readonly minutes: number[] = [];

  /** `from` is when the first window began, ms since the epoch. */
  constructor(
    private readonly layouts: Layouts,
    private readonly from: number,
  ) {}

  /** Counts one export of a host. */
  add(host: string, at: number, data: MetricsData): void {
    this.turnMinute(Math.floor((at - 1 - this.from) / MINUTE_MS));
    for (const one of data.resourceMetrics) this.addResource(host, one);
  }

  /** The series active in a minute, on average over whole minutes; `null` where less than a minute was recorded. */
  seriesPerMinute(until: number): number | null {
    this.turnMinute(Math.floor((until - this.from) / MINUTE_MS));
    if (this.minutes.length === 0) return null;
    return this.minutes.reduce((sum, series) => sum + series, 0) / this.minutes.length;
  }

  /** How many processes of an executable were told by their pids. */
  countOf(executable: string): number {
    this.counts ??= countsOf(this.processes.values());
    return this.counts.get(executable) ?? 0;
  }

  private addResource(host: string, one: ResourceMetrics): void {
    const { resource, scopeMetrics } = one;
    const known = this.layouts.sets.set(resource.attributes);
    const seen = this.seen.get(known) ?? this.seenResource(known, resource);
    this.addProcess(host, seen, resource);
    let ofScopes = 0;
    for (const scope of scopeMetrics) {
      const { bytes, layout } = this.layouts.scope(scope);
      ofScopes += bytes;
      this.points += layout.points;
      seen.layouts.set(layout, (seen.layouts.get(layout) ?? 0) + 1);
      const inMinute = this.minute.seen.get(seen);
      if (inMinute === undefined) this.minute.seen.set(seen, new Set([layout]));
      else inMinute.add(layout);
    }
    this.bytes += resourceSize(one, ofScopes, known.bytes);
  }

  /** Resources with the same attributes in another order are one. */
  private seenResource(known: KnownSet, resource: Resource): SeenResource {
    const { attributes, number } = known;
    const seen = this.resources.get(number) ?? {
      ...{ executable: executableOf(resource.attributes), attributes },
      ...{ layouts: new Map(), hosts: new Set() },
    };
    this.resources.set(number, seen);
    this.seen.set(known, seen);
    return seen;
  }

  private addProcess(host: string, { hosts }: SeenResource, { attributes }: Resource): void {
    if (hosts.has(host)) return;
    hosts.add(host);
    const pid = attributeValue(attributes, 'process.pid');
    const executable = executableOf(attributes);
    if (typeof pid === 'bigint' && executable !== '')
      this.processes.set(`${host} ${pid} ${executable}`, executable);
  }

  private turnMinute(index: number): void {
    if (index <= this.minute.index) return;
    // A minute without any export would have been skipped; it counts as the one that was not scraped in.
    if (this.minute.seen.size > 0) this.minutes.push(seriesIn(this.minute.seen));
    this.minute = { index, seen: new Map() };
  }
}

function countsOf(names: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function seriesIn(seen: ReadonlyMap<SeenResource, ReadonlySet<Layout>>): number {
  let count = 0;
  for (const layouts of seen.values()) count += shapesOf([...layouts]).size;
  return count;
}

/** The ids of the distinct shapes of some layouts. */
export function shapesOf(layouts: readonly Layout[]): ReadonlySet<number> {
  const shapes = new Set<number>();
  for (const { series } of layouts) for (const { shape } of series) shapes.add(shape.id);
  return shapes;
}
