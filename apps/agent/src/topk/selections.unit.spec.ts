import { systemClock, type Clock, type Log } from '#lib/agent-core';
import { encodeMetrics, type Metric, type MetricsData, type NumberPoint } from '#lib/otlp';
import { processorOfControl, renderPipeline, type Processor } from '#lib/pipelines';
import type { CollectorSpec } from '../collectors/collector.js';
import { Selections } from './selections.js';

const BEGIN = 1_800_000_000_000;
const WINDOW = 10_000;

/** What processes do in one window: cores by executable. */
type Window = Readonly<Record<string, number>>;

const limits = {
  ...{ cpuCores: 0.2, memoryBytes: 0, offPercent: 50, minSecondsBetweenSwaps: 0, maxSwapsPerHour: 3 },
} as const;
const kinds = {
  topk: { kind: 'keepTopK', k: 2, rankBy: 'cpu', marginPercent: 10, minSecondsBetweenSwaps: 60 },
  thresholds: { kind: 'keepAboveThresholds', ...limits },
  adaptive: {
    kind: 'keepAdaptive',
    ...limits,
    ...{ maxSeries: 90, scaling: { busyPercent: 150, fullPercent: 200 } },
  },
} as const satisfies Readonly<Record<string, Processor>>;

/** An agent's part with a clock of its own and a script of what processes do. */
class Stage {
  private now = BEGIN;
  private used: Readonly<Record<string, number>> = {};
  readonly said: string[] = [];
  changes = 0;
  readonly selections: Selections;

  constructor() {
    const clock: Clock = { ...systemClock, now: () => this.now };
    const log: Log = {
      info: (_, words) => this.said.push(words),
      warn: (_, words) => this.said.push(words),
    };
    this.selections = new Selections({
      scrape: () => this.scrape(),
      capacity: { cores: 8, memoryBytes: 1e9 },
      onChange: () => (this.changes += 1),
      ...{ clock, log },
    });
  }

  /** What a collector is started with at this moment. */
  applied(spec: CollectorSpec): CollectorSpec {
    const [applied] = this.selections.applyTo([spec]);
    return applied!;
  }

  /** A window goes by, and the tap of the collector tells of it. */
  play(spec: CollectorSpec, window: Window): readonly string[] {
    this.now += WINDOW;
    this.used = Object.fromEntries(
      Object.entries(window).map(([name, cores]) => [name, (this.used[name] ?? 0) + (cores * WINDOW) / 1000]),
    );
    this.selections.observe(spec, 'instance', encodeMetrics(this.scrape()));
    return this.members(spec);
  }

  members(spec: CollectorSpec): readonly string[] {
    return (this.applied(spec).selection?.members ?? []).map(({ executable }) => executable);
  }

  private scrape(): MetricsData {
    return {
      resourceMetrics: Object.entries(this.used).map(([name, seconds]) => ({
        resource: {
          attributes: [
            { key: 'process.pid', value: BigInt(name.charCodeAt(0)) },
            { key: 'process.executable.name', value: name },
          ],
          droppedAttributesCount: 0,
        },
        schemaUrl: '',
        scopeMetrics: [
          {
            scope: { name: 's', version: '', attributes: [], droppedAttributesCount: 0 },
            schemaUrl: '',
            metrics: [this.cpuTime(seconds)],
          },
        ],
      })),
    };
  }

  private cpuTime(seconds: number): Metric {
    const [start, now] = [BEGIN - WINDOW, this.now].map((at) => BigInt(at) * 1_000_000n);
    const point: NumberPoint = {
      ...{ value: seconds, startTimeUnixNano: start!, timeUnixNano: now! },
      ...{ attributes: [], flags: 0, exemplars: [] },
    };
    return {
      ...{ name: 'process.cpu.time', unit: 's', description: '', metadata: [], points: [point] },
      ...{ type: 'sum', temporality: 'cumulative', monotonic: true },
    };
  }
}

function specWith(processor: Processor): CollectorSpec {
  const rendered = renderPipeline({
    spec: {
      source: { kind: 'hostmetrics', intervalSeconds: 10, processMetrics: ['process.cpu.time'] },
      processors: [{ kind: 'memoryLimiter', limitMebibytes: 200 }, processor, { kind: 'identifyHost' }],
      destination: { ref: 'default' },
    },
    ...{ host: { id: 'h', labels: {} }, criticalProcesses: ['critical'] },
  });
  return { variant: 'candidate', role: 'live', configHash: rendered.hash, rendered };
}

describe.each(Object.entries(kinds))('a set of kind %s', (kind, processor) => {
  const spec = specWith(processor);

  it('is what the order asks for', () => {
    expect(spec.rendered.control?.kind).toBe(kind);
    expect(processorOfControl(spec.rendered.control!)).toEqual(processor);
  });

  it('has a process that becomes hot after two windows, keeps the one that stays, and says so once', () => {
    const stage = new Stage();
    stage.members(spec);
    stage.play(spec, { a: 1, b: 0.01, c: 0.01 });
    stage.play(spec, { a: 1, b: 0.01, c: 0.01 });
    const before = stage.changes;
    const sets = [1, 2, 3].map(() => stage.play(spec, { a: 1, b: 0.01, c: 0.9 }));
    expect(sets[1]).toEqual(['a', 'c']);
    expect(sets[2]).toEqual(sets[1]);
    expect(stage.changes - before).toBe(1);
  });

  it('goes on with the set and the changes of a collector that was taken over', () => {
    const first = new Stage();
    first.members(spec);
    for (const c of [0.01, 0.01, 0.9, 0.9]) first.play(spec, { a: 1, c });
    const left = first.applied(spec);
    const second = new Stage();
    second.selections.resume(left);
    expect(second.applied(spec)).toEqual(left);
    expect(left.selectionChanges?.length).toBeGreaterThan(0);
  });
});

describe('sets with few changes an hour', () => {
  it('say once that they should change and may not', () => {
    const spec = specWith({ ...kinds.thresholds, maxSwapsPerHour: 1 });
    const stage = new Stage();
    stage.members(spec);
    const hot = (...names: readonly string[]): Window =>
      Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, names.includes(name) ? 0.9 : 0]));
    for (const names of [['a'], ['a'], ['a', 'b'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c']])
      stage.play(spec, hot(...names));
    const withheld = stage.said.filter((words) => words.includes('may not'));
    expect(withheld).toEqual(['set of processes should change and may not']);
    stage.play(spec, hot('a', 'b', 'c'));
    expect(stage.said.filter((words) => words.includes('may not'))).toEqual(withheld);
  });
});
