import type { Catalogue, ComponentKind, ComponentSchema } from '../catalogue/catalogue.js';
import type { Place } from '../problem.js';
import type { MapValue, Value } from '../read/tree.js';

/** A component as it is defined. `type` is empty where the id is malformed. */
export type Component = {
  readonly kind: ComponentKind;
  readonly id: string;
  readonly type: string;
  /** What follows the slash. */
  readonly name: string;
  readonly place: Place;
  readonly value: Value;
  /** What the catalogue knows of the type. */
  readonly schema: ComponentSchema | undefined;
};

/** A component's id where something refers to it. */
export type Reference = { readonly id: string; readonly place: Place };

export const pipelineRoles = ['receivers', 'processors', 'exporters'] as const;
export type PipelineRole = (typeof pipelineRoles)[number];

export type Pipeline = Readonly<Record<PipelineRole, readonly Reference[]>> & {
  readonly id: string;
  /** `metrics` of `metrics/hosts`. */
  readonly signal: string;
  readonly place: Place;
};

/** A configuration as the rules look at it. */
export type Model = {
  readonly root: MapValue;
  readonly service: MapValue | undefined;
  readonly components: readonly Component[];
  readonly pipelines: readonly Pipeline[];
  readonly extensions: readonly Reference[];
  /** The ids that are referred to, by the role in which they are. */
  readonly used: Readonly<Record<PipelineRole | 'extensions', ReadonlySet<string>>>;
  readonly catalogue: Catalogue;
  /** The component that an id means for a pipeline; a connector stands for a receiver and for an exporter. */
  readonly find: (role: PipelineRole | 'extensions', id: string) => Component | undefined;
};

/** The components that a pipeline names in one role and that are defined, in order. */
export function membersOf(model: Model, pipeline: Pipeline, role: PipelineRole): readonly Component[] {
  return pipeline[role].flatMap(({ id }) => model.find(role, id) ?? []);
}

/** Whether a pipeline or the service uses a component; what is only defined never runs. */
export function isUsed({ used }: Model, { kind, id }: Component): boolean {
  return kind === 'connectors' ? used.receivers.has(id) || used.exporters.has(id) : used[kind].has(id);
}
