import type { ProcessorOf } from '../spec/pipeline-spec.js';
import { systemAttributes, systemDefaults, type SystemAttribute } from '../spec/resource-detection.js';
import { plainText, type CollectorConfig, type Settings } from './collector-config.js';

/** What an agent knows of its host, for the detectors of pipelines. */
export type HostFacts = {
  /** What the host was given in `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly env: Readonly<Record<string, string>>;
  /** What the kernel says; what it does not say is not there. */
  readonly system: Readonly<Partial<Record<SystemAttribute, string>>>;
};

type Detection = Pick<ProcessorOf<'resourceDetection'>, 'detectors' | 'system'>;

/** What a detection finds on a host, by attribute, in the order of its detectors. */
export function detectedOn(
  facts: HostFacts,
  { detectors, system = systemDefaults }: Detection,
): Readonly<Record<string, string>> {
  const known = Object.entries(facts.system).filter(([key]) => system.some((wanted) => wanted === key));
  const found = { env: Object.entries(facts.env), system: known };
  // The first detector that finds an attribute has the last word.
  return Object.fromEntries([...detectors].reverse().flatMap((detector) => found[detector]));
}

/** The stock component of a detection: it stands for what the agent puts in its place, see `withFacts`. */
const detection = /^resourcedetection\/(\d+)$/;

/**
 * The configuration with what is known of the host in the place of each component that would have to find it out.
 * The pinned collector has no such component, and any collector starts faster without looking.
 */
export function withFacts(config: CollectorConfig, facts: HostFacts): CollectorConfig {
  const replaced = new Map(
    Object.entries(config.processors)
      .filter(([id]) => detection.test(id))
      .map(([id, settings]) => [id, actions(facts, settings)] as const),
  );
  if (replaced.size === 0) return config;
  const isLeft = (id: string): boolean => replaced.get(id)?.length !== 0;
  const idOf = (id: string): string => id.replace(detection, 'resource/detected-$1');
  const processors = Object.entries(config.processors)
    .filter(([id]) => isLeft(id))
    .map(([id, settings]) => {
      const attributes = replaced.get(id);
      return [idOf(id), attributes === undefined ? settings : { attributes }] as const;
    });
  const pipelines = Object.entries(config.service.pipelines).map(
    ([id, wiring]) => [id, { ...wiring, processors: wiring.processors.filter(isLeft).map(idOf) }] as const,
  );
  return {
    ...config,
    processors: Object.fromEntries(processors),
    service: { ...config.service, pipelines: Object.fromEntries(pipelines) },
  };
}

function actions(facts: HostFacts, settings: Settings): readonly Settings[] {
  const { detectors, override, system } = settings as Rendered;
  const asked = systemAttributes.filter(
    (name) => system?.resource_attributes?.[name]?.enabled ?? systemDefaults.includes(name),
  );
  return Object.entries(detectedOn(facts, { detectors, system: asked })).map(([key, value]) => ({
    key: plainText(key),
    value: plainText(value),
    action: override ? 'upsert' : 'insert',
  }));
}

/** What `detecting` wrote. */
type Rendered = Pick<ProcessorOf<'resourceDetection'>, 'detectors' | 'override'> & {
  readonly system?: {
    readonly resource_attributes?: Readonly<Record<string, { readonly enabled: boolean }>>;
  };
};
