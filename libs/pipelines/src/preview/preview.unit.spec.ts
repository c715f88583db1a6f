import fc from 'fast-check';
import { encodeMetrics } from '#lib/otlp';
import {
  countRecording,
  fleetParametersSchema,
  mergeRecordings,
  syntheticRecording,
  type FleetParameters,
  type Recording,
} from '../recordings/index.js';
import { specOf } from '../render/render-pipeline.js';
import type { PipelineSpec, Processor } from '../spec/pipeline-spec.js';
import { validateSpec } from '../spec/validate-spec.js';
import { anyMetrics } from '../testing/any-metrics.js';
import { previewCard } from './card.js';
import { Layouts } from './layouts.js';
import { playedFleet, playedRecording, playVariant, preview, type PreviewReport } from './index.js';
import { SeriesTable } from './attribution.js';
import { VariantProfile } from './variant-profile.js';

const fleetOf = (given: Partial<FleetParameters>): FleetParameters => fleetParametersSchema.parse(given);
const template = (id: 'baseline' | 'topk' | 'aggregated', parameters = {}): PipelineSpec =>
  specOf({ template: id, parameters });
/** The baseline with more processors before its last two. */
const changed = (...processors: readonly Processor[]): PipelineSpec => {
  const { processors: usual, ...spec } = template('baseline');
  return { ...spec, processors: [...usual.slice(0, -2), ...processors, ...usual.slice(-2)] };
};
const without = (on: 'resource' | 'point', ...names: readonly string[]): Processor => ({
  ...{ kind: 'dropAttributes', on, attributes: { names, patterns: [] } },
});

const compared = (
  candidate: PipelineSpec,
  fleet: Partial<FleetParameters>,
  critical: readonly string[] = [],
): PreviewReport =>
  preview(
    {
      baseline: { spec: template('baseline'), criticalProcesses: critical },
      candidate: { spec: candidate, criticalProcesses: critical },
      criticalProcesses: critical,
    },
    playedFleet(fleetOf(fleet)),
  );

const fleets = fc.record({
  hosts: fc.integer({ min: 1, max: 3 }),
  processes: fc.integer({ min: 1, max: 40 }),
  seed: fc.nat({ max: 4_294_967_295 }),
  seconds: fc.constantFrom(30, 60, 90),
  churn: fc.constantFrom(0, 1, 10),
});
const candidates = fc.constantFrom(
  template('topk', { k: 3 }),
  template('topk', { k: 10, rankBy: 'memory' }),
  template('aggregated'),
  template('aggregated', { groupBy: 'class' }),
  template('baseline', { intervalSeconds: 30 }),
  changed({ kind: 'dropMetrics', metrics: { names: ['process.disk.io'], patterns: [] } }),
  changed(without('resource', 'process.command_line', 'process.owner')),
  changed({ kind: 'renameMetrics', renames: [{ from: 'process.threads', to: 'threads' }] }),
  changed({ kind: 'cumulativeToDelta' }),
);
const few = { numRuns: 9 };

describe('a preview', () => {
  test('of a pipeline against itself loses nothing and reduces nothing', () => {
    const itself = fc.constantFrom(template('baseline'), template('aggregated'), template('topk', { k: 5 }));
    fc.assert(
      fc.property(fleets, itself, (fleet, spec) => {
        const same = { spec, criticalProcesses: [] };
        const report = preview(
          { baseline: same, candidate: same, criticalProcesses: [] },
          playedFleet(fleetOf(fleet)),
        );
        expect(report.candidate).toEqual(report.baseline);
        expect(report.reduction).toEqual({ series: 0, points: 0, bytes: 0 });
        expect(report.processes.lost).toBe(0);
        expect([report.metrics, report.attributes]).toEqual([
          { lost: [], added: [] },
          { lost: [], added: [] },
        ]);
        expect(report.attribution.attributes.filter(({ saved }) => saved !== 0)).toEqual([]);
      }),
      few,
    );
  });

  test('charges metrics and attributes with exactly the whole reduction', () => {
    fc.assert(
      fc.property(fleets, candidates, (fleet, spec) => {
        const { attribution, baseline, candidate } = compared(spec, fleet);
        const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);
        const saved = baseline.series - candidate.series;
        const { attributes, metrics, metricsAlone } = attribution;
        expect(sum(metrics.map((one) => one.saved.series))).toBe(saved);
        expect(sum(metrics.map((one) => one.saved.points))).toBe(baseline.points - candidate.points);
        expect(metricsAlone.saved + sum(attributes.map((one) => one.saved))).toBe(saved);
        expect(metricsAlone.series.baseline + sum(attributes.map(({ series }) => series.baseline))).toBe(
          baseline.series,
        );
      }),
      few,
    );
  });

  test('never lists a critical process as lost that the candidate keeps', () => {
    fc.assert(
      fc.property(fleets, fc.constantFrom('topk' as const, 'aggregated' as const), (fleet, id) => {
        const critical = ['nginx', 'postgres', 'sshd', 'nobody-has-this'];
        const report = compared(template(id, id === 'topk' ? { k: 1 } : {}), fleet, critical);
        for (const { name, outcome, processes } of report.critical) {
          expect(['kept', 'not-recorded']).toContain(outcome);
          expect(processes.candidate).toBe(processes.baseline);
          expect(report.processes.executables.find((one) => one.name === name)?.outcome ?? 'kept').toBe(
            'kept',
          );
        }
        expect(previewCard(report)).toContain('No critical process is lost.');
      }),
      few,
    );
  });

  test('of two recordings of different hosts is the sum of both', () => {
    fc.assert(
      fc.property(fleets, candidates, (fleet, spec) => {
        const made = { tenant: 'default', createdAt: '2026-01-01T00:00:00Z' };
        const one = syntheticRecording(fleetOf(fleet), made);
        const other = moved(syntheticRecording(fleetOf({ ...fleet, seed: 9 }), made));
        const reportOf = (recording: Recording): PreviewReport => {
          const side = { spec, criticalProcesses: [] };
          const baseline = { spec: template('baseline'), criticalProcesses: [] };
          return preview({ baseline, candidate: side, criticalProcesses: [] }, playedRecording(recording));
        };
        const [a, b, both] = [one, other, mergeRecordings(one, other)].map(reportOf);
        for (const variant of ['baseline', 'candidate'] as const)
          for (const figure of ['series', 'points', 'bytes', 'processes'] as const)
            expect(both![variant][figure]).toBe(a![variant][figure] + b![variant][figure]);
        expect(both!.processes.lost).toBe(a!.processes.lost + b!.processes.lost);
      }),
      { numRuns: 3 },
    );
  });

  test('is the same from the bytes of a recording as from the fleet itself', () => {
    const fleet = fleetOf({ processes: 30, hosts: 2 });
    const recording = syntheticRecording(fleet, { tenant: 'default', createdAt: '2026-01-01T00:00:00Z' });
    const sides = { baseline: { spec: template('baseline'), criticalProcesses: [] }, criticalProcesses: [] };
    const request = { ...sides, candidate: { spec: template('topk', { k: 4 }), criticalProcesses: [] } };
    expect(preview(request, playedRecording(recording))).toEqual(preview(request, playedFleet(fleet)));
  });

  test('is the same however often and to whatever else the recording was played before', () => {
    const fleet = fleetOf({ processes: 60, churn: 10, seconds: 90 });
    const used = playedFleet(fleet);
    const side = (spec: PipelineSpec) => ({ spec, criticalProcesses: ['nginx'] });
    const specs = [
      ...[
        template('topk', { k: 4 }),
        template('topk', { k: 9 }),
        template('topk', { k: 4, rankBy: 'score' }),
      ],
      ...[template('topk', { k: 4, intervalSeconds: 30 }), template('aggregated')],
    ];
    for (const spec of [...specs, ...specs]) {
      const request = { baseline: side(template('baseline')), candidate: side(spec), criticalProcesses: [] };
      expect(preview(request, used)).toEqual(preview(request, playedFleet(fleet)));
    }
  });

  test('keeps the busiest processes, and a hot newcomer from the scrape after it was seen', () => {
    const calm = playedFleet(fleetOf({ processes: 100, churn: 0 }));
    const two = playVariant({ spec: template('topk', { k: 2 }), criticalProcesses: [] }, calm);
    expect(two.profile.points).toBe(2 * 6 * 9);
    const busy = playedFleet(fleetOf({ processes: 100, churn: 10 }));
    const everyone = playVariant({ spec: template('topk', { k: 200 }), criticalProcesses: [] }, busy);
    const all = playVariant({ spec: template('baseline'), criticalProcesses: [] }, busy);
    // With a place for everyone only those are missing that no ranking had seen when they were scraped.
    expect(everyone.profile.points).toBeGreaterThan(all.profile.points * 0.7);
    expect(everyone.profile.points).toBeLessThan(all.profile.points);
  });

  test('names what goes: metrics, attributes and executables', () => {
    const spec = changed(
      { kind: 'dropMetrics', metrics: { names: ['process.threads'], patterns: [] } },
      without('resource', 'process.owner'),
    );
    expect(validateSpec(spec)).toEqual([]);
    const report = compared(spec, { processes: 20 });
    expect(report.metrics).toEqual({ lost: ['process.threads'], added: [] });
    expect(report.attributes).toEqual({ lost: [{ on: 'resource', name: 'process.owner' }], added: [] });
    const topK = compared(template('topk', { k: 1 }), { processes: 60, churn: 0 }, ['sshd']);
    expect(topK.processes.executables.filter(({ outcome }) => outcome === 'lost').length).toBeGreaterThan(5);
    expect(previewCard(topK)).toContain('executables that are gone:');
  });

  test('says which tariff statistic it cannot carry, and that a fleet is made up', () => {
    const report = compared(template('topk'), { seconds: 30, processes: 5 });
    expect(report.baseline.seriesPerMinute).toBeNull();
    expect(report.limits.map(({ code }) => code)).toEqual([
      ...['made-up', 'short', 'collector-cost', 'wire-bytes', 'labels'],
    ]);
    expect(compared(template('topk'), { seconds: 60, processes: 5, churn: 0 }).baseline.seriesPerMinute).toBe(
      45,
    );
    const odd = compared(template('topk', { intervalSeconds: 15 }), { processes: 5 });
    expect(odd.limits.map(({ code }) => code)).toContain('interval');
  });

  test('with an interval six times as long has a sixth of the points and the series that are left', () => {
    const report = compared(template('baseline', { intervalSeconds: 60 }), {
      processes: 20,
      churn: 0,
      seconds: 120,
    });
    expect(report.reduction).toMatchObject({ series: 0, points: 1 - 1 / 6 });
  });
});

describe('what was counted', () => {
  test('is what the bytes of the exports say, for any metrics', () => {
    const now = 1_800_000_000_000n * 1_000_000n;
    const times = { begins: [0n, now], now, grown: 0, dense: false };
    fc.assert(
      fc.property(fc.array(anyMetrics(times), { minLength: 1, maxLength: 3 }), (requests) => {
        const profile = new VariantProfile(new Layouts(), 0);
        for (const data of requests) profile.add('h', 1, data);
        const bodies = requests.map(encodeMetrics);
        const counted = countRecording([{ at: 0, exports: bodies.map((body) => ({ host: 'h', body })) }]);
        expect(profile.bytes).toBe(bodies.reduce((sum, { length }) => sum + length, 0));
        expect({ points: profile.points, series: new SeriesTable(profile).rows.length }).toEqual(counted);
      }),
      { numRuns: 40 },
    );
  });
});

/** The same recording of other hosts. */
function moved({ header, windows }: Recording): Recording {
  const name = (host: string): string => `other-${host}`;
  return {
    header: { ...header, hosts: header.hosts.map(name) },
    windows: windows.map(({ at, exports }) => ({
      at,
      exports: exports.map(({ body, host }) => ({ host: name(host), body })),
    })),
  };
}
