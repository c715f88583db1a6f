import { PartNotReady } from '#tools/embedded';

/** Why the house did not start, in one line. */
export function failureLine(error: unknown): string {
  if (error instanceof PartNotReady) return error.line;
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? '';
}

/** Of what a failed job printed, the line that says most, without its prefix: not a line of a stack. */
export function tellingLine(lines: readonly string[]): string {
  const texts = lines.map((line) => line.replace(/^[\w-]+ \| /, ''));
  return texts.findLast((text) => !/^\s+at /.test(text)) ?? '';
}
