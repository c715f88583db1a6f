import { z } from 'zod';
import { errorFinding, type Finding } from '../findings.js';
import { didYouMean } from '../suggest.js';

type Path = readonly PropertyKey[];

/** What is wrong with the shape of a value: one finding for each setting that is missing, unknown or of a wrong kind. */
export function shapeFindings(schema: z.ZodType, input: unknown, error: z.ZodError): readonly Finding[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const known = settingsAt(schema, input, issue.path);
      return issue.keys.map((key) =>
        finding([...issue.path, key], `there is no setting ${key} here`, didYouMean(key, known)),
      );
    }
    const value = valueAt(input, issue.path);
    const choices = choicesOf(issue, schema, input);
    if (value === undefined)
      return [finding(issue.path, 'is missing', choices.length > 0 ? didYouMean('', choices) : 'Add it.')];
    if (choices.length > 0)
      return [
        finding(
          issue.path,
          `there is no ${shown(value)} here`,
          didYouMean(typeof value === 'string' ? value : '', choices),
        ),
      ];
    return [finding(issue.path, issue.message, 'Give a value that the specification allows.')];
  });
}

function finding(path: Path, message: string, fix: string): Finding {
  return errorFinding('schema', path.map(String).join('.'), message, fix);
}

/** The words of which a value is to be one; none where it is anything else. */
function choicesOf(issue: z.core.$ZodIssue, schema: z.ZodType, input: unknown): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code !== 'invalid_union') return [];
  const union = bare(schemaAt(schema, input, issue.path.slice(0, -1)));
  return union instanceof z.ZodDiscriminatedUnion
    ? union.options.flatMap((option) => literalsOf(option, union.def.discriminator))
    : [];
}

function literalsOf(option: z.core.$ZodType, key: string): readonly string[] {
  const object = bare(option);
  const literal = object instanceof z.ZodObject ? (object.shape as z.ZodRawShape)[key] : undefined;
  return literal instanceof z.ZodLiteral ? [...literal.values].map(String) : [];
}

/** The names of the settings that an object may have. */
function settingsAt(schema: z.ZodType, input: unknown, path: Path): readonly string[] {
  const object = bare(schemaAt(schema, input, path));
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

/** The schema of the value at a path; of a union the member that the value says it is. */
function schemaAt(schema: z.core.$ZodType, input: unknown, path: Path): z.core.$ZodType | undefined {
  const here = memberOf(bare(schema), input);
  const [key, ...rest] = path;
  if (key === undefined || here === undefined) return here;
  const below =
    here instanceof z.ZodArray
      ? here.element
      : here instanceof z.ZodObject
        ? (here.shape as z.ZodRawShape)[String(key)]
        : undefined;
  return below && schemaAt(below, valueAt(input, [key]), rest);
}

function memberOf(schema: z.core.$ZodType | undefined, input: unknown): z.core.$ZodType | undefined {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const key = schema.def.discriminator;
  const kind = valueAt(input, [key]);
  return bare(schema.options.find((option) => literalsOf(option, key).includes(String(kind)))) ?? schema;
}

/** Without what only wraps it. */
function bare(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  const isWrapped =
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault;
  return isWrapped ? bare(schema.unwrap()) : schema;
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    input,
  );
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 100);
}
