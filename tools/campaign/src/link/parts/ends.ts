import { existsSync, readFileSync } from 'node:fs';
import type { Exit } from '#tools/embedded';
import type { LineOf } from '../history/lines.js';

/** A process of the house, and what is known of its end beforehand. */
export interface Watched {
  readonly process: string;
  readonly exited: Promise<Exit>;
  readonly logFile: string;
  /** The plan has it kill itself at a step that may come at any time. */
  readonly isToCrash?: boolean;
}

const TAIL_LINES = 12;

/** Ends of processes that nobody asked for: those that the plan arranged, and those that are a defect. */
export class Ends {
  private readonly found: LineOf<'process-ended'>[] = [];
  private readonly expected = new WeakSet<Promise<Exit>>();

  /** From now on an end is noted, unless it is expected when it comes. */
  watch(watched: Watched): void {
    void watched.exited.then((exit) => {
      if (!this.expected.has(watched.exited)) this.found.push(lineOf(watched, exit));
    });
  }

  /** The process is about to be ended. */
  expect(exited: Promise<Exit> | undefined): void {
    if (exited !== undefined) this.expected.add(exited);
  }

  get all(): readonly LineOf<'process-ended'>[] {
    return this.found;
  }
}

function lineOf({ isToCrash = false, logFile, process }: Watched, { code, signal }: Exit) {
  // A process that is to crash sends itself just this; anything else is no crash that the plan arranged.
  const isArranged = isToCrash && signal === 'SIGKILL';
  const logTail = isArranged ? [] : tailOf(logFile);
  const at = new Date().toISOString();
  return { type: 'process-ended' as const, at, process, code, signal, isArranged, logTail };
}

function tailOf(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES);
}
