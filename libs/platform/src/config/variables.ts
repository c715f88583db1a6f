import { z } from 'zod';

/** How one environment variable is documented; generated pages and `.env.example` are made of these. */
export interface ConfigVariable {
  readonly name: string;
  readonly required: boolean;
  /** As it would be written in the environment; absent for required and for optional variables. */
  readonly default?: string;
  readonly doc: string;
}

/** An object schema whose fields were made by `variable`. */
export type ConfigSchema = z.ZodObject<Readonly<Record<string, z.ZodType>>>;

const documentation = z.registry<{ readonly name: string; readonly doc: string }>();

/** Binds a field of a configuration schema to an environment variable and says what it is for. */
export function variable<Schema extends z.ZodType>(name: string, doc: string, schema: Schema): Schema {
  const named = schema.clone();
  documentation.add(named, { name, doc });
  return named;
}

/** Name and purpose of a field. @throws TypeError when it was not made by `variable` */
export function documented(
  field: string,
  schema: z.ZodType,
): { readonly name: string; readonly doc: string } {
  const found = documentation.get(schema);
  if (found === undefined) throw new TypeError(`config field ${field} names no environment variable`);
  return found;
}

/** Every variable of a configuration, in the order in which the schema lists them. */
export function describeConfig(schema: ConfigSchema): readonly ConfigVariable[] {
  return Object.entries(schema.shape).map(([field, type]) => {
    const { name, doc } = documented(field, type);
    const whenAbsent = type.safeParse(undefined);
    if (!whenAbsent.success) return { name, required: true, doc };
    if (whenAbsent.data === undefined) return { name, required: false, doc };
    return { name, required: false, default: written(whenAbsent.data), doc };
  });
}

function written(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
