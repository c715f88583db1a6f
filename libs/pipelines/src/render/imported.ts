import { parse, stringify } from 'yaml';
import { PipelineError, type Finding } from '../findings.js';
import { byId, type Component, type PipelineWiring, type Settings } from './collector-config.js';
import { destinationExporter, meterExporter } from './exporters.js';
import { ownTelemetry, scrapeDelayEnv, type HostBinding } from './render-for-host.js';

/** A host's own configuration made ready for an agent, and what of it had to be left out. */
export type ImportedConfig = { readonly yaml: string; readonly findings: readonly Finding[] };

type Section = Readonly<Record<string, Settings | null>>;
type Wiring = Partial<PipelineWiring>;
type Foreign = Readonly<Record<string, unknown>> & {
  readonly receivers?: Section;
  readonly exporters?: Section;
  readonly service: { readonly telemetry?: unknown; readonly pipelines: Readonly<Record<string, Wiring>> };
};

/**
 * What an agent runs of a configuration that the validator has passed and that has no connectors: its metrics pipelines, each of which also sends to the meter what it exports. A baseline keeps its own
 * exporters, since it pays the bill; a candidate has none but the agent's, for whatever it sent would be paid twice.
 * References to the environment stay references: no secret is looked up.
 * @throws PipelineError `invalid-specification` when there is no metrics pipeline
 */
export function renderImported(text: string, binding: HostBinding): ImportedConfig {
  const foreign = parse(text, { intAsBigInt: true }) as Foreign;
  const all = Object.entries(foreign.service.pipelines);
  const metrics = all.filter(([id]) => isMetrics(id));
  const findings = all.filter(([id]) => !isMetrics(id)).map(([id]) => leftOut(id));
  if (metrics.length === 0) throw new PipelineError('invalid-specification', [...findings, nothingLeft]);
  const own = agentsExporters(binding);
  const exportersOf = ({ exporters = [] }: Wiring): readonly string[] => [
    ...(binding.variant === 'baseline' ? exporters : []),
    ...own.map(({ id }) => id),
  ];
  const pipelines = metrics.map(
    ([id, wiring]) => [id, { ...wiring, exporters: exportersOf(wiring) }] as const,
  );
  const used = new Set(pipelines.flatMap(([, { exporters }]) => exporters));
  const config = {
    ...foreign,
    receivers: aligned(foreign.receivers ?? {}),
    exporters: picked({ ...foreign.exporters, ...byId(own) }, used),
    service: {
      ...foreign.service,
      telemetry: ownTelemetry(binding.telemetryPort),
      pipelines: Object.fromEntries(pipelines),
    },
  };
  return { yaml: stringify(config, { lineWidth: 0 }), findings };
}

function isMetrics(pipeline: string): boolean {
  return /^metrics(\/|$)/.test(pipeline);
}

/** Under names that no other hand gives. */
function agentsExporters(binding: HostBinding): readonly Component[] {
  const { destination } = binding;
  const meter = { ...meterExporter(binding), id: 'otlphttp/phoenix-meter' };
  if (binding.variant === 'baseline' || destination.kind !== 'localSink') return [meter];
  return [{ ...destinationExporter(destination), id: 'otlphttp/phoenix-destination' }, meter];
}

/** Scrapes of both variants come on one tick, as those of rendered pipelines do. */
function aligned(receivers: Section): Section {
  return Object.fromEntries(
    Object.entries(receivers).map(([id, settings]) =>
      /^hostmetrics(\/|$)/.test(id)
        ? [id, { ...settings, initial_delay: `\${env:${scrapeDelayEnv}}` }]
        : [id, settings],
    ),
  );
}

function picked(section: Section, used: ReadonlySet<string>): Section {
  return Object.fromEntries(Object.entries(section).filter(([id]) => used.has(id)));
}

const nothingLeft: Finding = {
  ...{ rule: 'no-metrics-pipeline', severity: 'error', path: 'service.pipelines' },
  ...{ message: 'No metrics pipeline is left.', fix: 'Give a configuration that collects metrics.' },
};

function leftOut(pipeline: string): Finding {
  return {
    ...{ rule: 'signal-left-out', severity: 'warning', path: `service.pipelines.${pipeline}` },
    message: `${pipeline} is no metrics pipeline and is left out.`,
    fix: 'Keep a collector of your own for it.',
  };
}
