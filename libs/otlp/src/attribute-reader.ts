import { ANY_VALUE, KEY_VALUE, LIST } from './fields.js';
import type { Hash64 } from './hash.js';
import { hashAttribute, hashText } from './identity.js';
import { ByteInterner } from './interner.js';
import { MAX_VALUE_DEPTH } from './limits.js';
import { readMessage, type FieldReaders } from './message.js';
import type { AnyValue, Attribute } from './model.js';
import { WireReader } from './wire-reader.js';

/** An attribute with its part of the series identity; equal bytes give the same object while remembered. */
export type HashedAttribute = Hash64 & { readonly attribute: Attribute };

export type HashedText = Hash64 & { readonly text: string };

type KeyValueDraft = { key: string; value: AnyValue; depth: number };
type AnyValueDraft = { value: AnyValue; depth: number };

const KEY_VALUE_FIELDS: FieldReaders<KeyValueDraft, WireReader> = {
  [KEY_VALUE.key]: (into, reader, end) => (into.key = reader.text(reader.enter(end))),
  [KEY_VALUE.value]: (into, reader, end) =>
    (into.value = readAnyValue(reader, reader.enter(end), into.depth)),
};

const ANY_VALUE_FIELDS: FieldReaders<AnyValueDraft, WireReader> = {
  [ANY_VALUE.string]: (into, reader, end) => (into.value = reader.text(reader.enter(end))),
  [ANY_VALUE.bool]: (into, reader) => (into.value = reader.varint() !== 0),
  [ANY_VALUE.int]: (into, reader) => (into.value = reader.int64()),
  [ANY_VALUE.double]: (into, reader) => (into.value = reader.double()),
  [ANY_VALUE.bytes]: (into, reader, end) => (into.value = reader.slice(reader.enter(end))),
  [ANY_VALUE.array]: (into, reader, end) => {
    const values: AnyValue[] = [];
    readList(reader, reader.enter(end), (at) => values.push(readAnyValue(reader, at, into.depth)));
    into.value = values;
  },
  [ANY_VALUE.kvlist]: (into, reader, end) => {
    const keyValues: Attribute[] = [];
    readList(reader, reader.enter(end), (at) => keyValues.push(readKeyValue(reader, at, into.depth)));
    into.value = { keyValues };
  },
};

function readAnyValue(reader: WireReader, end: number, depth: number): AnyValue {
  if (depth >= MAX_VALUE_DEPTH) reader.fail('too-deep');
  return readMessage(reader, { value: null, depth: depth + 1 }, { end, fields: ANY_VALUE_FIELDS }).value;
}

function readKeyValue(reader: WireReader, end: number, depth: number): Attribute {
  const { key, value } = readMessage(
    reader,
    { key: '', value: null, depth },
    { end, fields: KEY_VALUE_FIELDS },
  );
  return { key, value };
}

function readList(reader: WireReader, end: number, read: (end: number) => void): void {
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === LIST.values) read(reader.enter(end));
    else reader.skip(tag, end);
  }
  reader.leave(end);
}

/** A wire reader that remembers attributes and texts, decoded and hashed once for each distinct byte string. */
export class AttributeReader extends WireReader {
  private readonly known = new ByteInterner<HashedAttribute>((start, end) => {
    this.position = start;
    const attribute = readKeyValue(this, end, 0);
    const { lo, hi } = hashAttribute(attribute);
    return { attribute, lo, hi };
  });

  private readonly knownTexts = new ByteInterner<HashedText>((start, end) => {
    this.position = start;
    const text = this.text(end);
    const { lo, hi } = hashText(text);
    return { text, lo, hi };
  });

  /** The attribute whose bytes reach from the cursor to `end`. */
  hashedAttribute(end: number): HashedAttribute {
    const attribute = this.known.get(this.bytes, this.position, end);
    this.position = end;
    return attribute;
  }

  attribute(end: number): Attribute {
    return this.hashedAttribute(end).attribute;
  }

  /** The text whose bytes reach from the cursor to `end`. */
  hashedText(end: number): HashedText {
    const text = this.knownTexts.get(this.bytes, this.position, end);
    this.position = end;
    return text;
  }
}
