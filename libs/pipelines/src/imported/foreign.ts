import { parse, stringify } from 'yaml';
import type { PipelineWiring, Settings } from '../render/collector-config.js';
import { PlainWord, withPlainWords } from '../yaml-words.js';

export type Section = Readonly<Record<string, Settings | null>>;
export type Wiring = Partial<PipelineWiring>;

/** A host's own configuration as it was read: the validator has seen it, but nothing here relies on that. */
export type Foreign = Readonly<Record<string, unknown>> & {
  readonly receivers: Section;
  readonly processors: Section;
  readonly exporters: Section;
  readonly connectors: Section;
  readonly extensions: Section;
  readonly service: {
    readonly extensions: readonly string[];
    readonly pipelines: Readonly<Record<string, Wiring>>;
  };
};

const sections = ['receivers', 'processors', 'exporters', 'connectors', 'extensions'] as const;

/** More aliases than this are refused: each is followed, and one may stand for a thousand others. */
const MOST_ALIASES = 1_000;

/**
 * Reads a configuration. Merge keys are resolved, as the collector does; numbers and dates stay the words that they
 * were. @throws Error where it is no YAML
 */
export function readForeign(text: string): Foreign {
  const options = { merge: true, logLevel: 'silent', maxAliasCount: MOST_ALIASES } as const;
  const root = mapOf(parse(text, { ...options, customTags: withPlainWords }));
  const service = mapOf(root['service']);
  return {
    ...root,
    ...(Object.fromEntries(sections.map((name) => [name, mapOf(root[name])])) as Record<
      (typeof sections)[number],
      Section
    >),
    service: {
      ...service,
      extensions: listOf(service['extensions']),
      pipelines: mapOf(service['pipelines']) as Readonly<Record<string, Wiring>>,
    },
  };
}

/** What was read as text for the collector, to which each value is what it was before. */
export function writeForeign(config: object): string {
  return stringify(config, { lineWidth: 0, customTags: withPlainWords });
}

/** What of a configuration an agent runs: its metrics pipelines and what they name. */
export type Kept = Pick<Foreign, 'receivers' | 'processors' | 'exporters' | 'extensions'> & {
  readonly pipelines: readonly (readonly [string, PipelineWiring])[];
};

/** Pipelines of other signals and what only they use stay behind; so do doors that two collectors cannot both open. */
export function keptOf(foreign: Foreign): Kept {
  const pipelines = Object.entries(foreign.service.pipelines)
    .filter(([id]) => isMetrics(id))
    .map(([id, wiring]) => [id, wiringOf(wiring)] as const);
  const used = (role: keyof PipelineWiring): ReadonlySet<string> =>
    new Set(pipelines.flatMap(([, wiring]) => wiring[role]));
  return {
    pipelines,
    receivers: picked(foreign.receivers, used('receivers')),
    processors: picked(foreign.processors, used('processors')),
    exporters: picked(foreign.exporters, used('exporters')),
    extensions: picked(foreign.extensions, new Set(foreign.service.extensions.filter((id) => !isDoor(id)))),
  };
}

export function isMetrics(pipeline: string): boolean {
  return typeOf(pipeline) === 'metrics';
}

const doors = new Set(['health_check', 'healthcheckv2', 'pprof', 'zpages']);

/** An extension whose port belongs to one collector of a host, while an agent starts the next beside the last. */
export function isDoor(extension: string): boolean {
  return doors.has(typeOf(extension));
}

/** `otlp` of `otlp/local`. */
export function typeOf(id: string): string {
  return id.split('/', 1)[0]?.trim() ?? '';
}

export function mapOf(value: unknown): Settings {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMap && !(value instanceof PlainWord) ? (value as Settings) : {};
}

export function listOf(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? [value] : [];
  return items.filter((item): item is string => typeof item === 'string').map((item) => item.trim());
}

function wiringOf(wiring: unknown): PipelineWiring {
  const { receivers, processors, exporters } = mapOf(wiring);
  return { receivers: listOf(receivers), processors: listOf(processors), exporters: listOf(exporters) };
}

function picked(section: Section, used: ReadonlySet<string>): Section {
  return Object.fromEntries(Object.entries(section).filter(([id]) => used.has(id.trim())));
}
