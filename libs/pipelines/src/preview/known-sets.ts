import { hashAttribute, type Attribute } from '#lib/otlp';
import { seriesNumber } from '../recordings/count-recording.js';
import { attributeSize } from './sizes.js';

/** One attribute with its value: a small number for each distinct one, its part of an identity, its size in bytes. */
export type KnownAttribute = {
  readonly id: number;
  readonly key: string;
  readonly lo: number;
  readonly hi: number;
  readonly bytes: number;
};

/** The attributes of a resource or a point in their order: equal lists are one object. */
export type KnownSet = {
  readonly id: number;
  readonly attributes: readonly KnownAttribute[];
  /** The same for equal attributes in any order. */
  readonly number: number;
  readonly bytes: number;
};

/**
 * Knows attributes and lists of them again. A list that was seen before costs one look-up: by itself, or by its
 * only attribute, as points often have a list of their own with one attribute that all share.
 */
export class KnownSets {
  private readonly ofAttribute = new WeakMap<Attribute, KnownAttribute>();
  private readonly attributes = new Map<number, KnownAttribute>();
  private readonly ofList = new WeakMap<readonly Attribute[], KnownSet>();
  private readonly alone: (KnownSet | undefined)[] = [];
  private readonly sets = new Map<string, KnownSet>();
  private readonly empty = this.setOf([]);

  attribute(attribute: Attribute): KnownAttribute {
    const found = this.ofAttribute.get(attribute);
    if (found !== undefined) return found;
    const { hi, lo } = hashAttribute(attribute);
    const number = seriesNumber(lo, hi);
    const known = this.attributes.get(number) ?? {
      ...{ id: this.attributes.size + 1, key: attribute.key, lo, hi },
      bytes: attributeSize(attribute),
    };
    this.attributes.set(number, known);
    this.ofAttribute.set(attribute, known);
    return known;
  }

  set(attributes: readonly Attribute[]): KnownSet {
    const [first] = attributes;
    if (first === undefined) return this.empty;
    if (attributes.length === 1) {
      const known = this.attribute(first);
      return (this.alone[known.id] ??= this.setOf([known]));
    }
    const found = this.ofList.get(attributes);
    if (found !== undefined) return found;
    const set = this.setOf(attributes.map((attribute) => this.attribute(attribute)));
    this.ofList.set(attributes, set);
    return set;
  }

  /** How much is remembered. */
  get size(): number {
    return this.attributes.size + this.sets.size;
  }

  private setOf(attributes: readonly KnownAttribute[]): KnownSet {
    const key = attributes.map(({ id }) => id).join(' ');
    const found = this.sets.get(key);
    if (found !== undefined) return found;
    // Hashes are added up, as in the identity of a series, so that the order does not matter.
    let [lo, hi, bytes] = [attributes.length, 0, 0];
    for (const one of attributes) {
      lo = (lo + one.lo) | 0;
      hi = (hi + one.hi) | 0;
      bytes += one.bytes;
    }
    const set = { id: this.sets.size, attributes, number: seriesNumber(lo, hi), bytes };
    this.sets.set(key, set);
    return set;
  }
}
