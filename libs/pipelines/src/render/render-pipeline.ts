import { errorFinding, PipelineError, type Finding } from '../findings.js';
import { executableName, type PipelineSpec } from '../spec/pipeline-spec.js';
import { isSelecting, metricsToSelect } from '../spec/selection-rules.js';
import { validateSpec } from '../spec/validate-spec.js';
import { instantiateTemplate } from '../templates/catalogue.js';
import type { ParameterInput } from '../templates/parameters.js';
import type { TemplateId } from '../templates/template.js';
import { controlOf } from './control-of.js';
import { byId, toYaml, type CollectorConfig } from './collector-config.js';
import { renderProcessor, type HostIdentity, type PipelineContext } from './render-processors.js';
import { renderSource } from './render-source.js';
import {
  defaultDestination,
  pipelineHash,
  rhythm,
  type PipelineIngress,
  type RenderedPipeline,
} from './rendered-pipeline.js';

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
  const { ref } = spec.destination;
  const { source } = spec;
  const pushed = source.kind === 'otlp' ? source : undefined;
  const held = Math.max(0, ...spec.processors.map((one) => (one.kind === 'interval' ? one.seconds : 0)));
  const destination = ref === defaultDestination ? undefined : ref;
  return {
    templateId: 'template' in request ? request.template : 'custom',
    yaml,
    ...rhythm(source.intervalSeconds, held),
    ...(control && { control, rankingMetrics: metricsToSelect(selecting) }),
    ...(destination !== undefined && { destination }),
    ...(pushed && { ingress: ingressOf(pushed) }),
    hash: pipelineHash(yaml, control, destination, pushed),
  };
}

/**
 * The specification behind a request, for those who interpret it instead of rendering it.
 * @throws PipelineError `invalid-parameters`
 */
export function specOf(source: PipelineSource): PipelineSpec {
  return 'spec' in source ? source.spec : instantiateTemplate(source.template, source.parameters);
}

function ingressOf({ grpcPort, port }: PipelineIngress): PipelineIngress {
  return { port, ...(grpcPort !== undefined && { grpcPort }) };
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
  const source = renderSource(spec.source);
  return {
    receivers: byId([source]),
    processors: byId(processors),
    service: {
      pipelines: {
        metrics: { receivers: [source.id], processors: processors.map(({ id }) => id), exporters: [] },
      },
    },
  };
}
