import { errorFinding, PipelineError, type Finding } from '../findings.js';
import { executableName, type PipelineSpec } from '../spec/pipeline-spec.js';
import { processMetrics, type ProcessMetric } from '../spec/process-metrics.js';
import { isSelecting, metricsToSelect } from '../spec/selection-rules.js';
import { validateSpec } from '../spec/validate-spec.js';
import { instantiateTemplate } from '../templates/catalogue.js';
import type { ParameterInput } from '../templates/parameters.js';
import type { TemplateId } from '../templates/template.js';
import { controlOf } from './control-of.js';
import { byId, toYaml, type CollectorConfig, type Settings } from './collector-config.js';
import { renderProcessor, type HostIdentity, type PipelineContext } from './render-processors.js';
import { pipelineHash, type RenderedPipeline } from './rendered-pipeline.js';

/** A template with parameters, or a specification written by hand. */
export type PipelineSource =
  { readonly template: TemplateId; readonly parameters: ParameterInput } | { readonly spec: PipelineSpec };

export type RenderRequest = PipelineSource & {
  readonly host: HostIdentity;
  /** Executables that every pipeline of the experiment keeps as individual processes. */
  readonly criticalProcesses: readonly string[];
};

/**
 * The collector configuration of a pipeline for one host; equal requests give equal bytes.
 * @throws PipelineError `invalid-parameters` or `invalid-specification`, with all findings
 */
export function renderPipeline(request: RenderRequest): RenderedPipeline {
  const spec = specOf(request);
  const findings = [...validateSpec(spec), ...criticalFindings(request.criticalProcesses)];
  if (findings.some(({ severity }) => severity === 'error')) {
    throw new PipelineError('invalid-specification', findings);
  }
  const critical = [...new Set(request.criticalProcesses)].sort();
  const yaml = toYaml(collectorConfig(spec, { host: request.host, critical }));
  const selecting = spec.processors.find(isSelecting);
  const control = selecting && controlOf(selecting, spec, critical);
  return {
    templateId: 'template' in request ? request.template : 'custom',
    yaml,
    intervalSeconds: spec.source.intervalSeconds,
    ...(control && { control, rankingMetrics: metricsToSelect(selecting) }),
    hash: pipelineHash(yaml, control),
  };
}

/**
 * The specification behind a request, for those who interpret it instead of rendering it.
 * @throws PipelineError `invalid-parameters`
 */
export function specOf(source: PipelineSource): PipelineSpec {
  return 'spec' in source ? source.spec : instantiateTemplate(source.template, source.parameters);
}

function criticalFindings(names: readonly string[]): readonly Finding[] {
  return names.flatMap((name, index) =>
    executableName.safeParse(name).success
      ? []
      : [
          errorFinding(
            'schema',
            `criticalProcesses.${index}`,
            'this is not an executable name',
            'Give 1 to 255 characters without control characters.',
          ),
        ],
  );
}

function collectorConfig(spec: PipelineSpec, context: PipelineContext): CollectorConfig {
  const processors = spec.processors.flatMap((processor, place) =>
    renderProcessor(processor, { ...context, place }),
  );
  return {
    receivers: { hostmetrics: hostMetrics(spec) },
    processors: byId(processors),
    service: {
      pipelines: {
        metrics: { receivers: ['hostmetrics'], processors: processors.map(({ id }) => id), exporters: [] },
      },
    },
  };
}

function hostMetrics({ source }: PipelineSpec): Settings {
  const names = Object.keys(processMetrics) as readonly ProcessMetric[];
  const switched = names
    .map((name) => ({ name, enabled: source.processMetrics.includes(name) }))
    .filter(({ name, enabled }) => enabled !== processMetrics[name].onByDefault)
    .map(({ name, enabled }) => [name, { enabled }] as const);
  return {
    collection_interval: `${source.intervalSeconds}s`,
    scrapers: {
      process: {
        // Processes that exit during a scrape are errors to the scraper and everyday life to us; what is
        // truly missing shows in the coverage that the meter counts.
        mute_process_all_errors: true,
        ...(switched.length > 0 && { metrics: Object.fromEntries(switched) }),
      },
    },
  };
}
