import type { Check } from '../check.js';
import type { Component } from '../model/model.js';
import { problem, type Problem } from '../problem.js';
import { valueAt, type Value } from '../read/tree.js';

/** Fields of which a component needs one. Their types do not tell, so these are known by hand; a test asks the collector. */
export const needs: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'receivers otlp': [['protocols']],
  'receivers hostmetrics': [['scrapers']],
  'processors memory_limiter': [['check_interval'], ['limit_mib', 'limit_percentage']],
  'processors resource': [['attributes']],
  'exporters otlphttp': [['endpoint', 'metrics_endpoint', 'traces_endpoint', 'logs_endpoint']],
  'exporters otlp_http': [['endpoint', 'metrics_endpoint', 'traces_endpoint', 'logs_endpoint']],
};

/** Nothing without which a component does not start is left out. */
export const requiredFields: Check = ({ components }) => components.flatMap(lacking);

function lacking({ kind, type, value, place }: Component): readonly Problem[] {
  const required = needs[`${kind} ${type}`] ?? [];
  // What is no map has its own finding, or comes from a variable.
  if (value.kind !== 'map' && !isNothing(value)) return [];
  return required
    .filter((names) => names.every((name) => isNothing(valueAt(value, name))))
    .map((names) => {
      const message = `The ${type} needs ${names[0] ?? ''}.`;
      return problem('required-field', place, message, `Add ${names.join(', or ')}.`);
    });
}

function isNothing(value: Value | undefined): boolean {
  switch (value?.kind) {
    case undefined:
      return true;
    case 'scalar':
      return value.value === null || value.value === '';
    case 'list':
      return value.items.length === 0;
    case 'map':
      return value.entries.length === 0;
  }
}
