import { parse, stringify } from 'yaml';
import { withQuotedWords } from '../yaml-words.js';

/** One component's settings. Their shape is the component's own business; we only write what we know. */
export type Settings = Readonly<Record<string, unknown>>;

/** A component under the id by which pipelines refer to it, such as `filter/topk`. */
export type Component = { readonly id: string; readonly settings: Settings };

export type PipelineWiring = {
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
};

/** A collector configuration as far as we write it. */
export type CollectorConfig = {
  readonly receivers: Readonly<Record<string, Settings>>;
  readonly processors: Readonly<Record<string, Settings>>;
  readonly exporters?: Readonly<Record<string, Settings>>;
  readonly connectors?: Readonly<Record<string, Settings>>;
  readonly extensions?: Readonly<Record<string, Settings>>;
  readonly service: {
    readonly extensions?: readonly string[];
    readonly telemetry?: Settings;
    readonly pipelines: Readonly<Record<string, PipelineWiring>>;
  };
};

/** Equal configurations give equal bytes: keys stand in the order in which the renderer wrote them. */
export function toYaml(config: CollectorConfig): string {
  return stringify(config, { lineWidth: 0, aliasDuplicateObjects: false, customTags: withQuotedWords });
}

/** Reads back what `toYaml` wrote; it is no reader for configurations of unknown origin. */
export function fromYaml(yaml: string): CollectorConfig {
  return parse(yaml) as CollectorConfig;
}

export function byId(components: readonly Component[]): Readonly<Record<string, Settings>> {
  return Object.fromEntries(components.map(({ id, settings }) => [id, settings]));
}

/** Text that the collector takes as it stands, without expanding `${...}` in it. */
export function plainText(text: string): string {
  return text.replaceAll('$', '$$$$');
}
