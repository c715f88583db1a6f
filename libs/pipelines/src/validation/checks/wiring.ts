import type { Check } from '../check.js';
import {
  isUsed,
  pipelineRoles,
  type Component,
  type Model,
  type Pipeline,
  type PipelineRole,
} from '../model/model.js';
import { problem, type Problem } from '../problem.js';
import { nearest } from '../../suggest.js';

/** References and definitions fit each other, and so do components and signals. */
export const wiring: Check = (model) => [
  ...dangling(model),
  ...model.components.filter((component) => !isUsed(model, component)).map(unused),
  ...model.components.flatMap((component) => oneSided(model, component)),
  ...model.pipelines.flatMap((pipeline) => unsupported(model, pipeline)),
];

function dangling(model: Model): readonly Problem[] {
  const inPipelines = model.pipelines.flatMap((pipeline) =>
    pipelineRoles.flatMap((role) => pipeline[role].map((reference) => ({ role, ...reference }))),
  );
  const all = [...inPipelines, ...model.extensions.map((one) => ({ role: 'extensions' as const, ...one }))];
  return all
    .filter(({ role, id }) => model.find(role, id) === undefined)
    .map(({ role, id, place }) => {
      const message = `No component of this id is defined under ${role}.`;
      return problem('dangling-reference', place, message, () => whereItIs(model, role, id));
    });
}

function whereItIs({ components }: Model, role: PipelineRole | 'extensions', id: string): string {
  const elsewhere = components.find((one) => one.id === id);
  if (elsewhere !== undefined) return `It is defined under ${elsewhere.kind}: name it there, or move it.`;
  const known = components.filter(({ kind }) => kind === role || kind === 'connectors').map((one) => one.id);
  const meant = nearest(id, known);
  return meant === undefined ? `Define it under ${role}, or remove the reference.` : `Did you mean ${meant}?`;
}

function unused({ kind, place }: Component): Problem {
  const message = kind === 'extensions' ? 'The service does not start this.' : 'No pipeline uses this.';
  return problem('unused-component', place, message, 'Remove it, or refer to it.');
}

function oneSided(model: Model, component: Component): readonly Problem[] {
  if (component.kind !== 'connectors' || !isUsed(model, component)) return [];
  const isReceiver = model.used.receivers.has(component.id);
  if (isReceiver && model.used.exporters.has(component.id)) return [];
  const lacking = isReceiver ? 'exporter' : 'receiver';
  const message = `The connector is not the ${lacking} of any pipeline.`;
  return [problem('connector-one-sided', component.place, message, `Name it as the ${lacking} of one.`)];
}

function unsupported(model: Model, pipeline: Pipeline): readonly Problem[] {
  return pipelineRoles.flatMap((role) =>
    pipeline[role].flatMap(({ id, place }) => {
      const signals = Object.keys(model.find(role, id)?.schema?.signals ?? {});
      if (signals.length === 0 || signals.some((one) => fits(one, pipeline.signal, role))) return [];
      const message = `The component does not handle ${pipeline.signal.slice(0, 64)}.`;
      return [problem('unsupported-signal', place, message, `It handles ${signals.join(', ')}.`)];
    }),
  );
}

/** A connector `traces-to-metrics` is an exporter for traces and a receiver for metrics. */
function fits(supported: string, signal: string, role: PipelineRole): boolean {
  const [from = '', to = from] = supported.split('-to-');
  return (role === 'receivers' ? to : from) === signal;
}
