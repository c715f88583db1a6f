import { PipelineError, type Finding } from '../findings.js';
import { byId, type Component } from '../render/collector-config.js';
import { destinationExporter, meterExporter } from '../render/exporters.js';
import { ownTelemetry, scrapeDelayEnv, type HostBinding } from '../render/render-for-host.js';
import { keptOf, readForeign, writeForeign, type Kept, type Section } from './foreign.js';
import { errorsOf, importFindings } from './import-findings.js';
import { hostIntervals } from './intervals.js';
import { referencesIn, type References } from './references.js';

/** A host's own configuration made ready for an agent, and what of it had to be left out. */
export type ImportedConfig = {
  readonly yaml: string;
  readonly findings: readonly Finding[];
  /** What the author's part takes from the host; what the agent adds is not among it. */
  readonly references: References;
  /** Seconds between scrapes, by the variable from which the collector takes the wait before its first one. */
  readonly delays: Readonly<Record<string, number>>;
};

/**
 * What an agent runs of a host's own configuration: its metrics pipelines, each of which also sends to the meter what
 * it exports. A baseline keeps its own exporters, since it pays the bill; a candidate has none but the agent's, for
 * whatever it sent would be paid twice. References to the environment stay references: no secret is looked up.
 * @throws PipelineError `invalid-specification` when no metrics pipeline is left, or one rests on a connector
 */
export function renderImported(text: string, binding: HostBinding): ImportedConfig {
  const findings = importFindings(text, binding.variant);
  const errors = errorsOf(findings);
  if (errors.length > 0) throw new PipelineError('invalid-specification', errors);
  const kept = keptOf(readForeign(text));
  const author = {
    receivers: kept.receivers,
    processors: kept.processors,
    ...(binding.variant === 'baseline' && { exporters: kept.exporters }),
    extensions: kept.extensions,
  };
  const { delays, receivers } = aligned(kept.receivers);
  const yaml = writeForeign(configOf({ ...kept, receivers }, author.exporters ?? {}, binding));
  return { yaml, findings, references: referencesIn(author), delays };
}

function configOf(kept: Kept, exporters: Section, binding: HostBinding): object {
  const own = agentsExporters(binding);
  const pipelines = kept.pipelines.map(([id, wiring]) => [
    id,
    {
      ...wiring,
      exporters: [
        ...wiring.exporters.filter((one) => Object.hasOwn(exporters, one)),
        ...own.map((one) => one.id),
      ],
    },
  ]);
  const extensions = Object.keys(kept.extensions);
  return {
    receivers: kept.receivers,
    ...(Object.keys(kept.processors).length > 0 && { processors: kept.processors }),
    exporters: { ...exporters, ...byId(own) },
    ...(extensions.length > 0 && { extensions: kept.extensions }),
    service: {
      ...(extensions.length > 0 && { extensions }),
      telemetry: ownTelemetry(binding.telemetryPort),
      pipelines: Object.fromEntries(pipelines) as object,
    },
  };
}

/** Under names that no other hand gives. */
function agentsExporters(binding: HostBinding): readonly Component[] {
  const { destination } = binding;
  const meter = { ...meterExporter(binding), id: 'otlphttp/phoenix-meter' };
  if (binding.variant === 'baseline' || destination.kind !== 'localSink') return [meter];
  return [{ ...destinationExporter(destination), id: 'otlphttp/phoenix-destination' }, meter];
}

/** Scrapes of both variants come on one tick, as those of rendered pipelines do: each interval has its own wait. */
function aligned(receivers: Section): Pick<ImportedConfig, 'delays'> & { readonly receivers: Section } {
  const intervals = hostIntervals(receivers);
  const variables = new Map([...new Set(intervals.values())].map((seconds) => [seconds, delayEnv(seconds)]));
  return {
    delays: Object.fromEntries([...variables].map(([seconds, name]) => [name, seconds])),
    receivers: Object.fromEntries(
      Object.entries(receivers).map(([id, settings]) => {
        const name = variables.get(intervals.get(id) ?? 0);
        return [id, name === undefined ? settings : { ...settings, initial_delay: `\${env:${name}}` }];
      }),
    ),
  };
}

function delayEnv(seconds: number): string {
  return `${scrapeDelayEnv}_${Math.round(seconds * 1000)}MS`;
}
