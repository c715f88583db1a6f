import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseHistory, type HistoryLine, type LineOf, type LineType } from './lines.js';

type Untimed<Type extends LineType> = Omit<LineOf<Type>, 'at'>;
type Recordable =
  'seed' | 'fault' | 'wiped' | 'asked' | 'taken-back' | 'unrest' | 'calm' | 'gateway-left' | 'up' | StallLine;
type StallLine = 'long-stall' | 'ping-timeout' | 'long-stall-over';

/** Writes down what the campaign does, and counts the faults. */
export class Recorder {
  constructor(private readonly file: string) {}

  note<Type extends Recordable | 'link-healed'>(line: Untimed<Type>): void {
    this.keep({ at: new Date().toISOString(), ...line } as unknown as HistoryLine);
  }

  keep(line: HistoryLine): void {
    appendFileSync(this.file, `${JSON.stringify(line)}\n`);
  }

  lines(): readonly HistoryLine[] {
    return linesOf(this.file);
  }
}

/** The lines of a file; none where it is not there yet. The last one of a host that was killed may be torn. */
export function linesOf(file: string): readonly HistoryLine[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  return parseHistory(text.slice(0, text.lastIndexOf('\n') + 1));
}
