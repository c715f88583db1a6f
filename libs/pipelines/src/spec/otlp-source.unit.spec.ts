import { parse } from 'yaml';
import {
  instantiateTemplate,
  oneIngress,
  readSpec,
  renderedPipelineSchema,
  renderForHost,
  renderPipeline,
  validateSpec,
  type HostBinding,
  type PipelineSpec,
  type RenderedPipeline,
} from '../index.js';

const topk = instantiateTemplate('topk', {});
const processors = topk.processors.filter(({ kind }) => kind !== 'keepTopK');
const pushed = (source: object = {}): unknown => ({
  ...topk,
  source: { kind: 'otlp', ...source },
  processors,
});
const rendered = (source?: object): RenderedPipeline =>
  renderPipeline({
    spec: readSpec(pushed(source)),
    host: { id: 'h1', labels: {} },
    criticalProcesses: [],
  });

describe('a source that applications push to', () => {
  it('listens where OTLP is expected unless told otherwise', () => {
    expect(validateSpec(pushed())).toEqual([]);
    expect(readSpec(pushed()).source).toEqual({ kind: 'otlp', port: 4318, intervalSeconds: 10 });
  });

  it.each([
    ['a port of the system', { port: 80 }, 'source.port'],
    ['a port that does not exist', { port: 65_536 }, 'source.port'],
    ['a port of the system for gRPC', { grpcPort: 443 }, 'source.grpcPort'],
    ['one port for HTTP and gRPC', { port: 4317, grpcPort: 4317 }, 'source.grpcPort'],
    ['no interval', { intervalSeconds: 0 }, 'source.intervalSeconds'],
    ['what it does not know', { protocols: ['grpc'] }, 'source.protocols'],
  ])('is refused with %s', (_, source, path) => {
    expect(validateSpec(pushed(source)).map((finding) => `${finding.severity} ${finding.path}`)).toEqual([
      `error ${path}`,
    ]);
  });

  it('brings no processes that could be ranked', () => {
    const spec = { ...(pushed() as PipelineSpec), processors: topk.processors };
    expect(validateSpec(spec).map(({ rule }) => rule)).toContain('ranking-metric-missing');
  });

  it('is rendered without a port, which stands beside the configuration', () => {
    const pipeline = rendered({ port: 5000 });
    expect(pipeline).toMatchObject({ ingress: { port: 5000 }, intervalSeconds: 10 });
    expect(parse(pipeline.yaml)).toMatchObject({ receivers: { otlp: { protocols: { http: {} } } } });
    expect(pipeline.yaml).not.toContain('5000');
    expect(renderedPipelineSchema.parse(JSON.parse(JSON.stringify(pipeline)))).toEqual(pipeline);
    const strange = { ...pipeline, ingress: { port: 5000, host: '0.0.0.0' } };
    expect(renderedPipelineSchema.safeParse(strange).success).toBe(false);
  });

  it('has its port for gRPC beside the configuration too, and none unless told', () => {
    const [plain, both] = [rendered({ port: 5000 }), rendered({ port: 5000, grpcPort: 4317 })];
    expect([plain.ingress, both.ingress]).toEqual([{ port: 5000 }, { port: 5000, grpcPort: 4317 }]);
    expect(both.yaml).toBe(plain.yaml);
    expect(renderedPipelineSchema.parse(JSON.parse(JSON.stringify(both)))).toEqual(both);
  });

  it('has a hash of its own for each port and interval', () => {
    const sources = [{}, { port: 5000 }, { intervalSeconds: 20 }, { grpcPort: 4317 }, { grpcPort: 5317 }];
    const all = sources.map((source) => rendered(source).hash);
    expect(new Set([...all, rendered().hash]).size).toBe(5);
  });

  it('has the hash that it had before there was gRPC', () => {
    expect(rendered().hash).toBe('e0953419adcbdaad5e1170b272a88bee516c3dcddada0562b1168f43a800fa6b');
  });

  it('listens on a host at a private port, over HTTP alone', () => {
    const binding: HostBinding = {
      ...{ meterEndpoint: 'http://127.0.0.1:1', meterTokenEnv: 'T', telemetryPort: 2 },
      variant: 'baseline',
      destination: { kind: 'none' },
    };
    expect(parse(renderForHost(rendered(), { ...binding, receiverPort: 41_000 }))).toMatchObject({
      receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:41000' } } } },
      service: { pipelines: { metrics: { receivers: ['otlp'] } } },
    });
    expect(() => renderForHost(rendered(), binding)).toThrow('needs a receiver port');
  });

  it('is one and the same for both pipelines of an experiment, or none', () => {
    const [one, other] = [{}, { port: 5000 }].map((source) => readSpec(pushed(source))) as [
      PipelineSpec,
      PipelineSpec,
    ];
    expect(oneIngress(one, one)).toEqual([]);
    expect(oneIngress(topk, other)).toEqual([]);
    expect(oneIngress(one, topk)).toEqual([]);
    expect(oneIngress(one, other)).toMatchObject([
      { rule: 'ingress-mismatch', severity: 'error', path: 'candidate.source.port' },
    ]);
    const [both, elsewhere] = [{ grpcPort: 4317 }, { grpcPort: 5317 }].map((source) =>
      readSpec(pushed(source)),
    );
    expect(oneIngress(both!, both!)).toEqual([]);
    for (const [baseline, candidate] of [
      [one, both!] as const,
      [both!, one] as const,
      [both!, elsewhere!] as const,
    ])
      expect(oneIngress(baseline, candidate)).toMatchObject([
        { rule: 'ingress-mismatch', severity: 'error', path: 'candidate.source.grpcPort' },
      ]);
  });
});
