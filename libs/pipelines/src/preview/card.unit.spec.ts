import fc from 'fast-check';
import { HostMeter } from '#lib/metering';
import { encodeMetrics } from '#lib/otlp';
import { fleetParametersSchema, syntheticWindows } from '../recordings/index.js';
import { specOf } from '../render/render-pipeline.js';
import {
  playedFleet,
  playVariant,
  preview,
  previewCard,
  type PreviewPrice,
  type PreviewReport,
} from './index.js';

const fleet = fleetParametersSchema.parse({ processes: 30, seconds: 10 });
const side = (template: 'baseline' | 'topk') => ({
  spec: specOf({ template, parameters: {} }),
  criticalProcesses: [],
});
const report = preview(
  { baseline: side('baseline'), candidate: side('topk'), criticalProcesses: [] },
  playedFleet(fleet),
);

describe('the card', () => {
  const critical = (outcome: PreviewReport['critical'][number]['outcome'], name = 'nginx'): string =>
    previewCard({ ...report, critical: [{ name, outcome, processes: { baseline: 2, candidate: 1 } }] });

  test('says first what happens to critical processes', () => {
    expect(critical('lost')).toContain('**CRITICAL, LOST: nginx**');
    expect(critical('kept')).toContain('No critical process is lost.');
    expect(critical('partly')).toContain('No longer each process of its own: nginx');
    expect(critical('merged')).toContain('No longer each process of its own: nginx');
    expect(critical('not-recorded')).toContain('Not in the recording, so not known: nginx');
    expect(previewCard(report)).toContain('No critical processes were named.');
  });

  test('says the price, or why there is none', () => {
    const about = { tariff: 't', name: 'A vendor', statistic: 'points', note: 'List price.' };
    const priced: PreviewPrice = {
      ...about,
      price: { baseline: 10, candidate: 2.5, saving: 7.5, unit: 'USD/month' },
    };
    expect(previewCard(report, priced)).toContain('10.00 before, 2.50 after, saves 7.50 USD/month');
    const none: PreviewPrice = { ...about, price: { noData: true, reason: 'too short' } };
    expect(previewCard(report, none)).toContain('no data: too short');
  });

  test('lists no more names than somebody reads, and says no data for a share of nothing', () => {
    const lost = Array.from({ length: 30 }, (_, index) => `metric.${index}`);
    const card = previewCard({
      ...report,
      metrics: { lost, added: [] },
      reduction: { ...report.reduction, series: null },
    });
    expect(card).toContain('metric.19 and 10 more');
    expect(card).not.toContain('metric.20');
    expect(card).toContain('| no data |');
  });

  test('keeps its rows and its plain text whatever processes are called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (name) => {
        const rows = (text: string): number => text.split('\n').length;
        const card = critical('lost', name);
        expect(rows(card)).toBe(rows(critical('lost', 'nginx')));
        expect(card).not.toMatch(/(?<!\\)<[a-z/!]/i);
      }),
    );
  });
});

describe('a preview and the meter', () => {
  test('name the same executables and count the same series, points and bytes', () => {
    const [window] = syntheticWindows(fleet);
    const body = encodeMetrics(window!.scrapes[0]!.data);
    const start = window!.at - 10_000;
    const meter = new HostMeter('host-001');
    meter.attach({ variant: 'baseline', instance: 'b', configHash: 'h' }, start);
    meter.record('b', body, body.length, start + 5_000);
    const [collector] = meter.closeWindow(start + 10_000, { clockOffsetMs: 0, use: new Map() })!.collectors;
    // Without the host, which the pipeline adds and the scraper does not know.
    const spec = { ...side('baseline').spec, processors: side('baseline').spec.processors.slice(0, 1) };
    const played = playVariant({ spec, criticalProcesses: [] }, playedFleet(fleet));
    expect([...played.executables].sort()).toEqual(collector!.executables.map(({ name }) => name).sort());
    expect({ points: played.profile.points, bytes: played.profile.bytes }).toEqual({
      points: collector!.points,
      bytes: collector!.bytes,
    });
    expect(played.table.rows.length).toBe(collector!.activeSeries.value);
  });
});
