import { MAX_KNOWN_NAMES, MAX_NAME_LENGTH, OTHER } from './limits.js';

/** The index of `(other)`, which every registry holds from the start. */
export const OTHER_INDEX = 0;
/** The index of the empty name: a point that belongs to nobody. */
export const NO_NAME_INDEX = 1;

/** Gives names small numbers, so that counting is an array access. Names beyond the bound become `(other)`. */
export class NameRegistry {
  private readonly indices = new Map<string, number>([
    [OTHER, OTHER_INDEX],
    ['', NO_NAME_INDEX],
  ]);
  private readonly known: string[] = [OTHER, ''];

  index(name: string): number {
    const found = this.indices.get(name);
    if (found !== undefined) return found;
    if (this.known.length >= MAX_KNOWN_NAMES) return OTHER_INDEX;
    return this.add(name);
  }

  name(index: number): string {
    return this.known[index] ?? OTHER;
  }

  private add(name: string): number {
    const short = name.slice(0, MAX_NAME_LENGTH);
    const same = this.indices.get(short);
    const index = same ?? this.known.push(short) - 1;
    this.indices.set(short, index);
    return index;
  }
}
