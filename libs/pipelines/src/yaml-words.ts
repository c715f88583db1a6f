import type { ScalarTag, Tags } from 'yaml';

/**
 * The collector reads YAML with go-yaml v3, which is YAML 1.2 with numbers of 1.1: a leading 0 means base eight, digits
 * may have underlines, `0b` is binary. Dates are points in time. Sexagesimal numbers, `yes`, `no`, `on` and `off` are
 * text. Looked up in its resolve.go, and held against the pinned collector by render-imported.int.spec.ts.
 */
const WHOLE = /^([-+]?)(?:(0x[\da-f]+)|(0b[01]+)|0o?([0-7]+)|(0|[1-9]\d*))$/i;
const FRACTION = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?$/i;
const DATE = /^\d{4}-\d\d?-\d\d?(?:$|[Tt ]\d)/;
/** All that may be no text to one reader or another. */
const NO_TEXT =
  /^(?:[-+]?(?:0x[\da-f_]+|[\d_]*\d[\d_]*(?:\.[\d_]*)?(?:e[-+]?[\d_]+)?|\.\d+(?:e[-+]?\d+)?)|[-+]?0[bo][\d_]+|\d{4}-\d.*)$/i;

/** The number that a plain word is to the collector; undefined where it is none. */
export function numberIn(word: string): number | bigint | undefined {
  const digits = word.startsWith('.') ? word : word.replaceAll('_', '');
  const whole = wholeIn(digits);
  if (whole !== undefined && whole >= -(2n ** 63n) && whole < 2n ** 64n)
    return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
  const fraction = FRACTION.test(digits) ? Number(digits) : NaN;
  return Number.isFinite(fraction) ? fraction : undefined;
}

/** Whether a plain word is a number whose leading 0 makes it one to base eight. */
export function isOctalByZero(word: string): boolean {
  return /^[-+]?0[\d_]*[1-9][\d_]*$/.test(word);
}

/** Whether a plain word is a point in time to the collector, which hardly any of its fields takes. */
export function isDate(word: string): boolean {
  return DATE.test(word);
}

function wholeIn(digits: string): bigint | undefined {
  const [, sign, hex, binary, octal, decimal] = WHOLE.exec(digits) ?? [];
  const size = hex ?? binary ?? (octal === undefined ? decimal : `0o${octal}`);
  if (size === undefined) return undefined;
  return sign === '-' ? -BigInt(size) : BigInt(size);
}

/** A plain word that is no text, kept as it was written, for nobody but the collector knows what it is to it. */
export class PlainWord {
  constructor(readonly text: string) {}

  /** The number that it is to the collector, if it is one. */
  get number(): number | bigint | undefined {
    return numberIn(this.text);
  }
}

const plainWord: ScalarTag = {
  tag: 'tag:phoenix,2026:plain',
  default: true,
  test: NO_TEXT,
  identify: (value) => value instanceof PlainWord,
  resolve: (text) => new PlainWord(text),
  stringify: ({ value }) => (value instanceof PlainWord ? value.text : String(value)),
};

/**
 * For reading and writing what collectors read: such words stay as they are, and text that could be taken for one is
 * written in quotes.
 */
export function withPlainWords(tags: Tags): Tags {
  return [plainWord, ...tags];
}

const unlikeText: ScalarTag = { ...plainWord, identify: () => false };

/** For writing only: numbers are written as numbers, and text that could be taken for one in quotes. */
export function withQuotedWords(tags: Tags): Tags {
  return [...tags, unlikeText];
}
