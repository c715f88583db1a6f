import { componentKinds, type Catalogue, type ComponentKind } from '../catalogue/catalogue.js';
import type { Check } from '../check.js';
import type { Component } from '../model/model.js';
import { problem, type Problem } from '../problem.js';
import { didYouMean } from '../../suggest.js';

/** Every component has an id of the right form, and a type that the collector offers in this section. */
export const componentIds: Check = ({ components, catalogue }) =>
  components.flatMap((component) => {
    if (component.type === '') return [malformed(component)];
    if (component.schema !== undefined) return [];
    const home = componentKinds.find((kind) => Object.hasOwn(catalogue[kind], component.type));
    return [home === undefined ? unknown(component, catalogue) : misplaced(component, home)];
  });

function malformed({ place }: Component): Problem {
  const message = 'A component id is a type, or a type, a slash and a name.';
  return problem('component-id', place, message, 'Write it like filter or filter/noise.');
}

function misplaced({ type, kind, place }: Component, home: ComponentKind): Problem {
  const message = `The ${type} is none of the ${kind}.`;
  return problem('wrong-section', place, message, `Move it to ${home}.`);
}

function unknown({ kind, type, place }: Component, catalogue: Catalogue): Problem {
  const verb = catalogue.partial === true ? 'lists' : 'offers';
  const message = `Collector ${catalogue.version} ${verb} no ${singular[kind]} ${type.slice(0, 64)}.`;
  const rule = catalogue.partial === true ? 'unlisted-component' : 'unknown-component';
  return problem(rule, place, message, () => didYouMean(type, namesIn(catalogue, kind)));
}

/** The names in use: not those that another took the place of. */
function namesIn(catalogue: Catalogue, kind: ComponentKind): readonly string[] {
  const isCurrent = (name: string): boolean => catalogue[kind][name]?.aliasOf === undefined;
  return Object.keys(catalogue[kind]).filter(isCurrent);
}

const singular: Readonly<Record<ComponentKind, string>> = {
  receivers: 'receiver',
  processors: 'processor',
  exporters: 'exporter',
  connectors: 'connector',
  extensions: 'extension',
};
