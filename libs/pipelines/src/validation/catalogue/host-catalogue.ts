import type { CollectorOffer } from '#lib/agent-protocol';
import { componentKinds, type Catalogue, type ComponentKind, type ComponentSchema } from './catalogue.js';
import { pinnedCatalogue } from './pinned.js';

/** What the collector can be built with; which of them a host has is not known where it does not list them. */
const ALL_PROVIDERS = ['env', 'file', 'http', 'https', 'yaml'];

/**
 * The components of a host's own collector, from what it lists. Fields are known only of a component at the very
 * version that Phoenix pins: of any other, nothing but its name can be judged.
 */
export function catalogueOfHost(version: string, offers: CollectorOffer): Catalogue {
  const sections = componentKinds.map((kind) => [kind, sectionOf(kind, offers[kind])] as const);
  return {
    ...(Object.fromEntries(sections) as Record<ComponentKind, Record<string, ComponentSchema>>),
    version,
    partial: true,
    providers: offers.providers ?? ALL_PROVIDERS,
    telemetry: version === pinnedCatalogue.version ? pinnedCatalogue.telemetry : { type: 'any' },
  };
}

function sectionOf(
  kind: ComponentKind,
  offered: Readonly<Record<string, string | null>>,
): Record<string, ComponentSchema> {
  const known: Readonly<Record<string, ComponentSchema>> = pinnedCatalogue[kind];
  const schemaOf = (name: string, version: string | null): ComponentSchema => {
    const pinned = Object.hasOwn(known, name) ? known[name] : undefined;
    return version !== null && pinned?.module?.endsWith(` ${version}`) === true ? pinned : {};
  };
  return Object.fromEntries(
    Object.entries(offered).map(([name, version]) => [name, schemaOf(name, version)]),
  );
}
