import fc from 'fast-check';
import { parse } from 'yaml';
import {
  destinationProfileSchema,
  PipelineError,
  pipelineHash,
  renderedPipelineSchema,
  renderForHost,
  renderPipeline,
  scrapeDelay,
  specOf,
  templateIds,
} from '../index.js';
import type { HostBinding, RenderRequest, TemplateId } from '../index.js';
import { golden } from '../testing/golden.js';

const host = { id: 'web-1', labels: { role: 'web', env: 'prod' } };
const request = (template: TemplateId): RenderRequest => ({
  template,
  parameters: {},
  host,
  criticalProcesses: ['postgres', 'nginx'],
});
const baseline: HostBinding = {
  variant: 'baseline',
  destination: {
    kind: 'backend',
    endpoint: 'https://otlp.example.com',
    headersEnv: { 'api-key': 'BACKEND_KEY' },
  },
  meterEndpoint: 'http://127.0.0.1:40123',
  meterTokenEnv: 'METER_TOKEN',
  telemetryPort: 40124,
};
const candidate: HostBinding = {
  ...baseline,
  variant: 'candidate',
  destination: { kind: 'localSink', endpoint: 'http://127.0.0.1:40125' },
};

describe('rendering a pipeline', () => {
  it.each(templateIds)('%s renders to its golden configuration', (template) => {
    const rendered = renderPipeline(request(template));
    expect(rendered.yaml).toBe(golden(`${template}.yaml`, rendered.yaml));
  });

  it.each(templateIds)('%s on a host renders to its golden configuration', (template) => {
    const selection = { members: [{ pid: 4711, executable: 'node' }] };
    const yaml = renderForHost(renderPipeline(request(template)), { ...candidate, selection });
    expect(yaml).toBe(golden(`${template}.host.yaml`, yaml));
  });

  it('gives the same bytes and hash whatever the order of labels and critical processes', () => {
    const one = renderPipeline(request('topk'));
    const other = renderPipeline({
      ...request('topk'),
      host: { id: 'web-1', labels: { env: 'prod', role: 'web' } },
      criticalProcesses: ['nginx', 'postgres', 'nginx'],
    });
    expect(other).toEqual(one);
  });

  it('gives another hash when only the control changes', () => {
    const hashes = [10, 11].map(
      (marginPercent) =>
        renderPipeline({ template: 'topk', parameters: { marginPercent }, host, criticalProcesses: [] }).hash,
    );
    expect(new Set(hashes).size).toBe(2);
  });

  it('refuses wrong parameters with every finding', () => {
    const render = (): unknown =>
      renderPipeline({ template: 'topk', parameters: { k: 0, sort: 'up' }, host, criticalProcesses: [] });
    expect(render).toThrow(PipelineError);
    expect(render).toThrow(/sort is not a parameter.*k is outside 1 to 500/);
  });

  it('refuses critical processes that are no executable names', () => {
    const render = (): unknown =>
      renderPipeline({ ...request('baseline'), criticalProcesses: ['nginx', 'a\nb'] });
    expect(render).toThrow(/criticalProcesses\.1: /);
  });

  it('survives the wire: what was rendered is what its schema accepts', () => {
    for (const template of templateIds) {
      const rendered = renderPipeline(request(template));
      expect(renderedPipelineSchema.parse(JSON.parse(JSON.stringify(rendered)))).toEqual(rendered);
      expect(pipelineHash(rendered.yaml, rendered.control)).toBe(rendered.hash);
    }
  });
});

const exportersOf = (yaml: string): readonly string[] =>
  (parse(yaml) as { service: { pipelines: { metrics: { exporters: string[] } } } }).service.pipelines.metrics
    .exporters;

describe('the agent part of a configuration', () => {
  it.each(templateIds)(
    '%s uses no fixed port and names secrets only by their environment variable',
    (template) => {
      const yaml = renderForHost(renderPipeline(request(template)), baseline);
      expect(yaml).not.toMatch(/4317|4318|8888/);
      expect(yaml).toContain('api-key: ${env:BACKEND_KEY}');
      expect(yaml).toContain('authorization: Bearer ${env:METER_TOKEN}');
    },
  );

  it('sends a backend and a shadow sink alike, apart from the address', () => {
    const rendered = renderPipeline(request('baseline'));
    const destination = (binding: HostBinding): Record<string, unknown> => {
      const config = parse(renderForHost(rendered, binding)) as {
        exporters: Record<string, Record<string, unknown>>;
      };
      return { ...config.exporters['otlphttp/destination'], endpoint: '', headers: {} };
    };
    expect(destination(candidate)).toEqual(destination(baseline));
  });

  it('prepares data for a vendor behind the meter, and for a shadow in the same way', () => {
    const rendered = renderPipeline(request('baseline'));
    const profile = destinationProfileSchema.parse({
      kind: 'newRelic',
      region: 'us',
      apiKey: '${env:NEW_RELIC_KEY}',
    });
    const secret = (): string => '${env:SECRET_0}';
    const live = renderForHost(rendered, {
      ...baseline,
      variant: 'baseline',
      destination: { kind: 'profile', profile, secret },
    });
    const shadow = renderForHost(rendered, {
      ...candidate,
      variant: 'candidate',
      destination: { kind: 'localSink', endpoint: 'http://127.0.0.1:40125', insteadOf: profile },
    });
    const pipelines = (yaml: string): unknown =>
      (parse(yaml) as { readonly service: { readonly pipelines: unknown } }).service.pipelines;
    expect(exportersOf(live)).toEqual(['forward/destination', 'otlphttp/meter']);
    expect(pipelines(shadow)).toEqual(pipelines(live));
    expect(pipelines(live)).toMatchObject({
      'metrics/destination': {
        receivers: ['forward/destination'],
        processors: ['cumulativetodelta/destination'],
        exporters: ['otlphttp/destination'],
      },
    });
    expect(live).toContain('api-key: ${env:SECRET_0}');
    expect(live + shadow).not.toContain('NEW_RELIC_KEY');
    expect(shadow).not.toContain('SECRET_0');
  });

  it('names a destination in the rendering and its hash, unless it is the default one', () => {
    const spec = specOf(request('baseline'));
    const common = { host, criticalProcesses: [] };
    const named = renderPipeline({ ...common, spec: { ...spec, destination: { ref: 'archive' } } });
    const plain = renderPipeline({ ...common, spec });
    expect([named.destination, plain.destination]).toEqual(['archive', undefined]);
    expect(named.yaml).toBe(plain.yaml);
    expect(named.hash).not.toBe(plain.hash);
    expect(renderedPipelineSchema.parse(named)).toEqual(named);
  });

  it('sends only to the meter where there is no destination', () => {
    const yaml = renderForHost(renderPipeline(request('baseline')), {
      ...baseline,
      destination: { kind: 'none' },
    });
    expect(exportersOf(yaml)).toEqual(['otlphttp/meter']);
  });

  it('sends a capture exactly what the meter gets', () => {
    const yaml = renderForHost(renderPipeline(request('topk')), {
      ...candidate,
      captureEndpoint: 'http://127.0.0.1:40126',
    });
    expect(exportersOf(yaml)).toEqual(['otlphttp/destination', 'otlphttp/meter', 'otlphttp/capture']);
  });

  it('taps the ranking before the filter only where a pipeline is controlled by it', () => {
    const tapped = templateIds.filter((template) =>
      renderForHost(renderPipeline(request(template)), baseline).includes('metrics/ranking'),
    );
    expect(tapped).toEqual(['topk', 'hybrid', 'adaptive', 'dynamic']);
  });
});

describe('aligning scrapes', () => {
  it('makes every collector scrape on the same wall-clock tick', () => {
    const anyInstant = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });
    fc.assert(
      fc.property(anyInstant, fc.integer({ min: 1, max: 60 }), (now, interval) => {
        const delay = Number.parseInt(scrapeDelay(now, interval), 10);
        expect((now + delay) % (interval * 1000)).toBe(0);
        expect(delay).toBeGreaterThan(0);
        expect(delay).toBeLessThanOrEqual(interval * 1000);
      }),
    );
  });
});
