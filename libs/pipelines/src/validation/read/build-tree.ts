import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Alias,
  type Pair,
  type ParsedNode,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { problem, type Place, type Problem } from '../problem.js';
import { numberIn } from '../../yaml-words.js';
import { tooDeep } from './lex.js';
import { MAX_DEPTH, MAX_EXPANDED_VALUES } from './limits.js';
import type { Entry, ListValue, MapValue, Scalar, ScalarValue, Value } from './tree.js';

/** A text that is not read any further. */
export class ReadStopped extends Error {
  override readonly name = 'ReadStopped';

  constructor(readonly reason: Problem) {
    super(reason.message);
  }
}

type Extent = { readonly size: number; readonly height: number };

const OPEN = Symbol('an anchor whose value is being read');
const MERGE_KEY = '<<';

/**
 * Builds the tree of one document. An alias shares the value that its anchor names, so that hostile ones cost
 * nothing; what they would come to is added up and limited.
 */
export class TreeBuilder {
  readonly problems: Problem[] = [];
  private readonly anchors = new Map<string, Value | typeof OPEN>();
  private readonly extents = new Map<Value, Extent>();
  private readonly keys: string[] = [];

  /** @throws ReadStopped where the value is too deep or too large */
  build(node: ParsedNode | null, fallback: number): Value {
    if (node === null) return this.measured(nothing(fallback), []);
    if (isAlias(node)) return this.aliased(node);
    if (this.keys.length > MAX_DEPTH) throw new ReadStopped(tooDeep(node.range[0]));
    if (node.tag !== undefined) this.tagged(node.range[0]);
    const anchor = node.anchor;
    if (anchor !== undefined) this.anchors.set(anchor, OPEN);
    const value = this.plain(node);
    if (anchor !== undefined) this.anchors.set(anchor, value);
    return value;
  }

  private plain(node: Exclude<ParsedNode, Alias.Parsed>): Value {
    if (isMap(node)) return this.map(node);
    if (isSeq(node)) return this.list(node);
    return this.measured(scalar(node), []);
  }

  private aliased({ source, range }: Alias.Parsed): Value {
    const target = this.anchors.get(source);
    const place = this.place(range[0]);
    if (target !== undefined && target !== OPEN) {
      this.limit(this.extentOf(target), range[0]);
      return target;
    }
    const message =
      target === OPEN ? 'The alias stands inside of what it stands for.' : 'The alias has no anchor.';
    this.problems.push(problem('alias-cycle', place, message, 'Write out what is meant.'));
    return this.measured(nothing(range[0]), []);
  }

  private list(node: YAMLSeq.Parsed): ListValue {
    const items = node.items.map((item, at) =>
      this.inside(String(at), () => this.build(item as ParsedNode | null, node.range[0])),
    );
    return this.measured({ kind: 'list', offset: node.range[0], items }, items);
  }

  private map(node: YAMLMap.Parsed): MapValue {
    const own: Entry[] = [];
    const merged: Entry[] = [];
    const seen = new Set<string>();
    for (const pair of node.items) {
      const entry = this.entry(pair, node.range[0]);
      if (seen.has(entry.key)) this.duplicate(entry);
      else if (entry.key === MERGE_KEY) merged.push(...mergedEntries(entry.value));
      else own.push(entry);
      seen.add(entry.key);
    }
    const entries = [...own, ...withoutRepeats(merged, seen)];
    return this.measured(
      { kind: 'map', offset: node.range[0], entries },
      entries.map(({ value }) => value),
    );
  }

  private entry(pair: Pair<ParsedNode, ParsedNode | null>, fallback: number): Entry {
    const offset = pair.key.range[0];
    const key = isScalar(pair.key) ? scalar(pair.key).text : '?';
    if (!isScalar(pair.key))
      this.problems.push(
        problem('yaml-syntax', this.place(offset), 'The key is not a plain word.', 'Use a word.'),
      );
    return { key, offset, value: this.inside(key, () => this.build(pair.value, fallback)) };
  }

  private duplicate({ key, offset }: Entry): void {
    const place = this.inside(key, () => this.place(offset));
    this.problems.push(
      problem(
        'duplicate-key',
        place,
        `The key ${shown(key)} stands here a second time.`,
        'Keep one of the two.',
      ),
    );
  }

  private tagged(offset: number): void {
    this.problems.push(
      problem(
        'yaml-tag',
        this.place(offset),
        'The value has a tag.',
        'Remove the tag; quote the value if it is text.',
      ),
    );
  }

  private inside<T>(key: string, work: () => T): T {
    this.keys.push(key);
    const result = work();
    this.keys.pop();
    return result;
  }

  private place(offset: number): Place {
    return { path: this.keys.join('.'), offset };
  }

  private measured<T extends Value>(value: T, parts: readonly Value[]): T {
    let size = 1;
    let height = 0;
    for (const part of parts) {
      const extent = this.extentOf(part);
      size += extent.size;
      height = Math.max(height, extent.height + 1);
    }
    const extent = { size, height };
    this.limit(extent, value.offset);
    this.extents.set(value, extent);
    return value;
  }

  private extentOf(value: Value): Extent {
    return this.extents.get(value) ?? { size: 1, height: 0 };
  }

  private limit({ size, height }: Extent, offset: number): void {
    if (this.keys.length + height > MAX_DEPTH) throw new ReadStopped(tooDeep(offset));
    if (size <= MAX_EXPANDED_VALUES) return;
    const message = `With its aliases written out the value would have more than ${MAX_EXPANDED_VALUES} parts.`;
    throw new ReadStopped(problem('alias-expansion', this.place(offset), message, 'Use fewer aliases.'));
  }
}

function mergedEntries(value: Value): readonly Entry[] {
  if (value.kind === 'map') return value.entries;
  return value.kind === 'list' ? value.items.flatMap(mergedEntries) : [];
}

/** What is written out wins over what is merged, and what is merged first over what comes later. */
function withoutRepeats(entries: readonly Entry[], seen: Set<string>): readonly Entry[] {
  return entries.filter(({ key }) => {
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

type ScalarNode = {
  readonly value: unknown;
  readonly source?: string;
  readonly type?: string;
  readonly range: readonly number[];
};

function scalar(node: ScalarNode): ScalarValue {
  const isPlain = node.type === 'PLAIN';
  const number = isPlain && node.source !== undefined ? numberIn(node.source) : undefined;
  const value = number ?? (node.value as Scalar);
  const text = typeof value === 'string' ? value : (node.source ?? String(value));
  return { kind: 'scalar', offset: node.range[0] ?? 0, value, text, isPlain };
}

function nothing(offset: number): ScalarValue {
  return { kind: 'scalar', offset, value: null, text: '', isPlain: true };
}

/** A key as messages may show it. */
function shown(key: string): string {
  return key.length > 60 ? `${key.slice(0, 60)}…` : key;
}
