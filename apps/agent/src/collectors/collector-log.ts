import { readFile, stat, truncate } from 'node:fs/promises';

/** A collector that cannot reach its backend writes a line per try; this is days of that. */
const MAX_LOG_BYTES = 4 * 1024 * 1024;

/** The last lines of a log; none where there is no log. */
export async function logTail(path: string, lines: number): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .slice(-lines);
}

/** Empties a log that has grown too long. Collectors append, so they go on at its new end. */
export async function limitLog(path: string): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > MAX_LOG_BYTES) await truncate(path, 0);
}

/** The collector's own words on why it ended, short enough for a report. */
export function complaintIn(output: string): string {
  const lines = output
    .trim()
    .split('\n')
    .map(plain)
    .filter((line) => line !== '');
  // A refusal to start is a sentence over several lines at the end; anything else is a log.
  const refusal = lines.findIndex((line) => line.startsWith('Error:'));
  const complaint =
    refusal >= 0
      ? lines.slice(refusal).join(' ')
      : (lines.findLast((line) => /error|failed|cannot|invalid/i.test(line)) ?? lines.at(-1));
  return (complaint ?? 'it said nothing').slice(0, 800);
}

/** The collector writes JSON lines while it runs, and a plain sentence where it refuses to start. */
function plain(line: string): string {
  try {
    const entry = JSON.parse(line) as { readonly msg?: string; readonly error?: string };
    return [entry.msg, entry.error].filter((part) => part !== undefined).join(': ');
  } catch {
    return line.trim();
  }
}
