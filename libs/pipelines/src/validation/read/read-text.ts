import { problem, type Problem } from '../problem.js';
import { MAX_INPUT_BYTES } from './limits.js';

const start = { path: '', offset: 0 };

/** The input as text, or the reason why it is not looked at. Takes no longer for a larger input. */
export function readText(input: string | Uint8Array): string | Problem {
  if (input.length > MAX_INPUT_BYTES) return tooLarge();
  const text = typeof input === 'string' ? input : decoded(input);
  if (text === undefined)
    return problem('input-encoding', start, 'The input is not UTF-8.', 'Save the file as UTF-8.');
  if (typeof input === 'string' && Buffer.byteLength(input) > MAX_INPUT_BYTES) return tooLarge();
  if (text.startsWith('\uFEFF'))
    return problem(
      'input-encoding',
      start,
      'The input begins with a byte order mark.',
      'Save it without one.',
    );
  const nul = text.indexOf('\0');
  if (nul === -1) return text;
  return problem('input-encoding', { path: '', offset: nul }, 'The input holds a NUL.', 'Remove it.');
}

function tooLarge(): Problem {
  return problem(
    'input-size',
    start,
    'The input is larger than 1 MB.',
    'Leave out what is not configuration.',
  );
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
