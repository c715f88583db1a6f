import fc from 'fast-check';
import protobuf from 'protobufjs';
import { decodeMetrics, encodeMetrics, MetricsReader, type MetricsData } from './index.js';
import { metricsData } from './testing/arbitrary.js';
import { officialDescriptor } from './testing/official-descriptor.js';

/** protobufjs with the official field numbers: an implementation that shares no line with ours. */
const Request = protobuf.Root.fromJSON(officialDescriptor).lookupType('ExportMetricsServiceRequest');
const toPlain = (bytes: Uint8Array): unknown =>
  Request.toObject(Request.decode(bytes), { longs: String, bytes: String, enums: Number });

function rows(bytes: Uint8Array): number {
  let points = 0;
  new MetricsReader().read(bytes, {
    resource: () => undefined,
    metric: () => undefined,
    point: () => points++,
  });
  return points;
}

const countPoints = (data: MetricsData): number =>
  data.resourceMetrics
    .flatMap((resource) => resource.scopeMetrics)
    .flatMap((scope) => scope.metrics)
    .reduce((sum, metric) => sum + metric.points.length, 0);

describe('the OTLP codec', () => {
  it('reads back everything it wrote', () => {
    fc.assert(
      fc.property(metricsData, (data) => {
        expect(decodeMetrics(encodeMetrics(data))).toEqual(data);
      }),
    );
  });

  it('writes what the official schema reads, and reads what the official schema writes', () => {
    fc.assert(
      fc.property(metricsData, (data) => {
        const ours = encodeMetrics(data);
        const theirs = Request.encode(Request.decode(ours)).finish();
        expect(decodeMetrics(theirs)).toEqual(data);
        expect(toPlain(ours)).toEqual(toPlain(encodeMetrics(decodeMetrics(theirs))));
      }),
    );
  });

  it('streams as many points as the whole model holds', () => {
    fc.assert(
      fc.property(metricsData, (data) => {
        expect(rows(encodeMetrics(data))).toBe(countPoints(data));
      }),
    );
  });

  it('reads a request made by the official schema field by field', () => {
    const bytes = Request.encode(
      Request.fromObject({
        resourceMetrics: [
          {
            resource: { attributes: [{ key: 'host.name', value: { stringValue: 'h1' } }] },
            scopeMetrics: [
              {
                scope: { name: 'scraper', version: '1.2' },
                metrics: [
                  {
                    name: 'process.cpu.time',
                    unit: 's',
                    sum: {
                      aggregationTemporality: 2,
                      isMonotonic: true,
                      dataPoints: [
                        {
                          timeUnixNano: '1700000000123456789',
                          asDouble: 1.5,
                          attributes: [{ key: 'state', value: { stringValue: 'user' } }],
                        },
                        { asInt: '-7', attributes: [{ key: 'n', value: { intValue: '-9007199254740993' } }] },
                      ],
                    },
                  },
                ],
              },
            ],
          },
        ],
      }),
    ).finish();
    const metric = decodeMetrics(bytes).resourceMetrics[0]!.scopeMetrics[0]!.metrics[0]!;
    expect(metric).toMatchObject({ type: 'sum', temporality: 'cumulative', monotonic: true, unit: 's' });
    expect(metric.points).toMatchObject([
      { timeUnixNano: 1700000000123456789n, value: 1.5, attributes: [{ key: 'state', value: 'user' }] },
      { value: -7n, attributes: [{ key: 'n', value: -9007199254740993n }] },
    ]);
  });

  it('gives a text of a oneof even when it is empty', () => {
    const data = { resourceMetrics: [oneAttribute('')] };
    expect(decodeMetrics(encodeMetrics(data))).toEqual(data);
    expect(decodeMetrics(encodeMetrics({ resourceMetrics: [oneAttribute(null)] }))).not.toEqual(data);
  });
});

function oneAttribute(value: string | null): MetricsData['resourceMetrics'][number] {
  return {
    resource: { attributes: [{ key: 'k', value }], droppedAttributesCount: 0 },
    scopeMetrics: [],
    schemaUrl: '',
  };
}
