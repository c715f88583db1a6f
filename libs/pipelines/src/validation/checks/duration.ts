const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const WHOLE = /^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
const MAX_LENGTH = 64;

/** Whether Go reads the text as a duration. */
export function isDuration(text: string): boolean {
  return text.length <= MAX_LENGTH && WHOLE.test(text);
}

/** Nanoseconds of a duration as Go writes it, or `undefined` where it is none. */
export function nanoseconds(text: string): number | undefined {
  if (!isDuration(text)) return undefined;
  const sum = [...text.matchAll(PART)].reduce(
    (total, [, number = '', unit = '']) => total + Number(number) * (UNITS[unit] ?? 0),
    0,
  );
  return text.startsWith('-') ? -sum : sum;
}
