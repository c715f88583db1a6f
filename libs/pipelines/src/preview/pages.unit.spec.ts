import { encodeMetrics, type MetricsData } from '#lib/otlp';
import { fleetParametersSchema, type Recording } from '../recordings/index.js';
import { specOf } from '../render/render-pipeline.js';
import type { PipelineSpec } from '../spec/pipeline-spec.js';
import { playedFleet, playedRecording, preview, type PlayedRecording, type PreviewReport } from './index.js';

const RECEIVER = 'github.com/open-telemetry/opentelemetry-collector-contrib/receiver/prometheusreceiver';
const hostSpec = specOf({ template: 'baseline', parameters: {} });
const scraping = (...targets: readonly string[]): PipelineSpec => ({
  ...hostSpec,
  source: {
    ...{ kind: 'prometheus', intervalSeconds: 10, targets },
    ...{ scheme: 'http', path: '/metrics', sampleLimit: 1_000 },
  },
});

/** One scrape of pages with `up` and two series each; what else a page has may be of a scope of its own. */
function pages(at: number, ...targets: readonly string[]): MetricsData {
  const scopeOf = (name: string, series: readonly string[]) => ({
    scope: { name, version: '', attributes: [], droppedAttributesCount: 0 },
    metrics: series.map((metric) => ({
      ...{ type: 'gauge' as const, name: metric, description: '', unit: '', metadata: [] },
      points: [
        {
          ...{ attributes: [], startTimeUnixNano: 0n, timeUnixNano: BigInt(at) * 1_000_000n },
          ...{ value: 1, flags: 0, exemplars: [] },
        },
      ],
    })),
    schemaUrl: '',
  });
  return {
    resourceMetrics: targets.map((target) => ({
      resource: {
        attributes: [{ key: 'service.instance.id', value: target }],
        droppedAttributesCount: 0,
      },
      scopeMetrics: [scopeOf(RECEIVER, ['up', 'shop_queue']), scopeOf('own.library', ['shop_stock'])],
      schemaUrl: '',
    })),
  };
}

function recorded(...targets: readonly string[]): PlayedRecording {
  const start = Date.UTC(2026, 0, 1);
  const windows = [1, 2, 3].map((index) => {
    const at = start + index * 10_000;
    return { at, exports: [{ host: 'h1', body: encodeMetrics(pages(at, ...targets)) }] };
  });
  const header: Recording['header'] = {
    ...{ schemaVersion: 1, kind: 'captured', source: 'a test', tenant: 'acme' },
    ...{ createdAt: new Date(start).toISOString(), startedAt: new Date(start).toISOString() },
    ...{ durationSeconds: 30, intervalSeconds: 10, hosts: ['h1'], windows: 3 },
    ...{ points: 9 * targets.length, series: 3 * targets.length },
  };
  return playedRecording({ header, windows });
}

function previewed(baseline: PipelineSpec, candidate: PipelineSpec, played: PlayedRecording): PreviewReport {
  const critical = { criticalProcesses: [] };
  return preview(
    {
      ...{ baseline: { spec: baseline, ...critical }, candidate: { spec: candidate, ...critical } },
      ...critical,
    },
    played,
  );
}

const told = ({ limits }: PreviewReport): readonly string[] =>
  limits.filter(({ code }) => code === 'metrics').map(({ text }) => text);

describe('a preview of pipelines that scrape pages', () => {
  it('plays the pages of a recording, and does not say that it holds none', () => {
    const report = previewed(scraping('a:1', 'b:2'), scraping('a:1'), recorded('a:1', 'b:2'));
    expect(told(report)).toEqual([]);
    expect([report.baseline.points, report.candidate.points]).toEqual([18, 9]);
    expect([report.baseline.series, report.candidate.series]).toEqual([6, 3]);
  });

  it('says which targets it holds no page of', () => {
    const report = previewed(scraping('a:1'), scraping('a:1', 'c:3'), recorded('a:1'));
    expect(told(report)).toEqual(['The recording holds no page of c:3, which a pipeline scrapes.']);
    expect(report.candidate.points).toBe(9);
  });

  it('gives a pipeline of the host no pages, and one of pages no processes', () => {
    const nothing = 'A pipeline scrapes Prometheus targets, of which the recording holds nothing.';
    const ofPages = previewed(hostSpec, scraping('a:1'), recorded('a:1'));
    expect([ofPages.baseline.points, ofPages.candidate.points]).toEqual([0, 9]);
    expect(told(ofPages)[0]).toMatch(/^The recording does not hold process\./);
    const fleet = playedFleet(fleetParametersSchema.parse({ hosts: 1, processes: 3, seconds: 30 }));
    const made = previewed(hostSpec, scraping('a:1'), fleet);
    expect(made.baseline.points).toBeGreaterThan(0);
    expect(made.candidate.points).toBe(0);
    expect(told(made)).toEqual([nothing]);
    expect(told(previewed(scraping('b:2'), scraping('b:2'), recorded('a:1')))).toEqual([nothing]);
  });
});
