/** A configuration as read: every value knows where it stands. Values behind an alias are shared, not copied. */
export type Value = MapValue | ListValue | ScalarValue;

export type Scalar = string | number | bigint | boolean | null;

export type ScalarValue = {
  readonly kind: 'scalar';
  readonly offset: number;
  readonly value: Scalar;
  /** As it was written; of text what it says. */
  readonly text: string;
  /** Written without quotes, on one or more lines. */
  readonly isPlain: boolean;
};

export type ListValue = { readonly kind: 'list'; readonly offset: number; readonly items: readonly Value[] };

export type Entry = { readonly key: string; readonly offset: number; readonly value: Value };

export type MapValue = { readonly kind: 'map'; readonly offset: number; readonly entries: readonly Entry[] };

export function entryOf(value: Value | undefined, key: string): Entry | undefined {
  return value?.kind === 'map' ? value.entries.find((entry) => entry.key === key) : undefined;
}

/** The value below a chain of keys. */
export function valueAt(value: Value | undefined, ...keys: readonly string[]): Value | undefined {
  return keys.reduce<Value | undefined>((at, key) => entryOf(at, key)?.value, value);
}

export function entriesOf(value: Value | undefined): readonly Entry[] {
  return value?.kind === 'map' ? value.entries : [];
}

export function itemsOf(value: Value | undefined): readonly Value[] {
  return value?.kind === 'list' ? value.items : [];
}

export function textOf(value: Value | undefined): string | undefined {
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined;
}

export function isTrue(value: Value | undefined): boolean {
  return value?.kind === 'scalar' && value.value === true;
}

export function isFalse(value: Value | undefined): boolean {
  return value?.kind === 'scalar' && value.value === false;
}
