import { registerDecorator } from 'class-validator';

/** The rule of `libs/events` for ids, as a pattern that class-validator and OpenAPI can show. */
export const ID_PATTERN = /^[a-z0-9][a-z0-9_-]{0,63}$/;
export const ID_RULE = 'use 1 to 64 of a-z, 0-9, _ and -, starting with a letter or digit';

const MAX_LABELS = 64;
const LABEL_KEY = /^[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/;
const MAX_LABEL_VALUE = 255;

/** A flat map of label keys to texts: at most 64 of them, keys as Kubernetes has them, values up to 255 characters. */
export function IsLabels(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isLabels',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: isLabels,
        defaultMessage: ({ property: name } = {} as never) =>
          `${name} must map at most ${MAX_LABELS} keys (letters, digits, . _ / -) to texts of up to ${MAX_LABEL_VALUE} characters`,
      },
    });
  };
}

/** A label key where another property has the given value, and nothing otherwise. */
export function IsLabelKeyOf(property: string, value: string): PropertyDecorator {
  return (target, name) => {
    registerDecorator({
      name: 'isLabelKeyOf',
      target: target.constructor,
      propertyName: String(name),
      validator: {
        validate: (key: unknown, { object }: { readonly object: object } = { object: {} }) =>
          Reflect.get(object, property) === value
            ? typeof key === 'string' && LABEL_KEY.test(key)
            : key === undefined,
        defaultMessage: () =>
          `${String(name)} must be a label key, such as team, with ${property}=${value}, and must be left out otherwise`,
      },
    });
  };
}

function isLabels(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  if (entries.length > MAX_LABELS) return false;
  return entries.every(
    ([key, text]) => LABEL_KEY.test(key) && typeof text === 'string' && text.length <= MAX_LABEL_VALUE,
  );
}
