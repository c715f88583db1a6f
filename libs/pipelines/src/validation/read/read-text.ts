import { problem, type Problem } from '../problem.js';
import { MAX_INPUT_BYTES } from './limits.js';

/** The input as text, and the reason why it is not looked at where there is one. */
export type Text = { readonly text: string; readonly refusal?: Problem };

/** Takes no longer for a larger input. */
export function readText(input: string | Uint8Array): Text {
  if (input.length > MAX_INPUT_BYTES) return tooLarge;
  const text = typeof input === 'string' ? input : decoded(input);
  if (text === undefined) return refused('', 0, 'The input is not UTF-8.', 'Save the file as UTF-8.');
  if (typeof input === 'string' && Buffer.byteLength(input) > MAX_INPUT_BYTES) return tooLarge;
  if (text.startsWith('\uFEFF'))
    return refused(text, 0, 'The input begins with a byte order mark.', 'Save it without one.');
  const nul = text.indexOf('\0');
  return nul === -1 ? { text } : refused(text, nul, 'The input holds a NUL.', 'Remove it.');
}

const tooLarge: Text = {
  text: '',
  refusal: problem(
    'input-size',
    { path: '', offset: 0 },
    'The input is larger than 1 MB.',
    'Leave out what is not configuration.',
  ),
};

function refused(text: string, offset: number, message: string, fix: string): Text {
  return { text, refusal: problem('input-encoding', { path: '', offset }, message, fix) };
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
