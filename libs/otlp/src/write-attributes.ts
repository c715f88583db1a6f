import { ANY_VALUE, KEY_VALUE, LIST } from './fields.js';
import type { AnyValue, Attribute } from './model.js';
import type { WireWriter } from './wire-writer.js';

export function writeAttributes(writer: WireWriter, tag: number, attributes: readonly Attribute[]): void {
  for (const attribute of attributes) writer.message(tag, () => writeAttribute(writer, attribute));
}

function writeAttribute(writer: WireWriter, { key, value }: Attribute): void {
  writer.text(KEY_VALUE.key, key);
  writer.message(KEY_VALUE.value, () => writeAnyValue(writer, value));
}

function writeAnyValue(writer: WireWriter, value: AnyValue): void {
  if (typeof value === 'string') writer.requiredText(ANY_VALUE.string, value);
  else if (typeof value === 'boolean') writer.varint(ANY_VALUE.bool).varint(Number(value));
  else if (typeof value === 'bigint') writer.varint(ANY_VALUE.int).int64(value);
  else if (typeof value === 'number') writer.varint(ANY_VALUE.double).double(value);
  else writeComposite(writer, value);
}

function writeComposite(
  writer: WireWriter,
  value: Exclude<AnyValue, string | boolean | bigint | number>,
): void {
  if (value === null) return;
  if (value instanceof Uint8Array) writer.blob(ANY_VALUE.bytes, value);
  else if ('keyValues' in value) {
    writer.message(ANY_VALUE.kvlist, () => writeAttributes(writer, LIST.values, value.keyValues));
  } else {
    writer.message(ANY_VALUE.array, () => {
      for (const item of value) writer.message(LIST.values, () => writeAnyValue(writer, item));
    });
  }
}
