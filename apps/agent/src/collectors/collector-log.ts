import { open, readFile, truncate, writeFile } from 'node:fs/promises';

/**
 * What the log of one collector may take on the disk when it was just shortened. A collector that cannot reach its
 * backend writes a line per try; this is days of that.
 */
export const MAX_LOG_BYTES = 4 * 1024 * 1024;
/** The end of it that outlives a shortening, in a file beside. */
const KEPT_BYTES = MAX_LOG_BYTES / 4;

/** The last lines of a log; none where there is no log. */
export async function logTail(path: string, lines: number): Promise<readonly string[]> {
  const [older, text] = await Promise.all(
    [keptPath(path), path].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  return `${older ?? ''}${text ?? ''}`
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .slice(-lines);
}

/**
 * Empties a log that has grown too long, but for its end. Collectors append, so they go on at its new end; what they
 * write in the instant between is lost. On a full disk the end is lost too.
 */
export async function limitLog(path: string): Promise<void> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return;
  try {
    const { size } = await file.stat();
    if (size <= MAX_LOG_BYTES - KEPT_BYTES) return;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(KEPT_BYTES), 0, KEPT_BYTES, size - KEPT_BYTES);
    await writeFile(keptPath(path), buffer.subarray(0, bytesRead), { mode: 0o600 }).catch(() => undefined);
    await truncate(path, 0);
  } finally {
    await file.close();
  }
}

function keptPath(path: string): string {
  return `${path}.1`;
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
