import type { z } from 'zod';

/** Lifts the stored data of one version to the next. Pure. */
export type Upcaster = (data: unknown) => unknown;

/**
 * Schema, type and version of an event in one place. `upcasters[i]` lifts version i + 1 to i + 2, so an event of
 * version n carries n - 1 of them and every stored version stays readable for ever.
 */
export interface EventDefinition<Type extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly type: Type;
  readonly version: number;
  readonly schema: Schema;
  readonly upcasters: readonly Upcaster[];
  /** One sentence for the generated catalogue. */
  readonly summary: string;
}

/** The event that a definition describes, as deciders and projections see it. */
export type EventOf<D> =
  D extends EventDefinition<infer Type, infer Schema>
    ? { readonly type: Type; readonly data: Readonly<z.output<Schema>> }
    : never;

/** Declares an event; its version follows from the number of upcasters. */
export function defineEvent<const Type extends string, Schema extends z.ZodType>(
  definition: Pick<EventDefinition<Type, Schema>, 'type' | 'schema' | 'summary'> & {
    readonly upcasters?: readonly Upcaster[];
  },
): EventDefinition<Type, Schema> {
  const upcasters = definition.upcasters ?? [];
  return { ...definition, upcasters, version: upcasters.length + 1 };
}
