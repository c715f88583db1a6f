/** What to do after an exit. */
export type CrashVerdict = {
  /** Exits within the window, this one included. */
  readonly exits: number;
  readonly isLoop: boolean;
  /** How long to wait before the next start. */
  readonly pauseMs: number;
};

const WINDOW_MS = 120_000;
const LOOP_EXITS = 4;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Counts the exits of each kind of collector: a single kill is repaired at once, a loop is a verdict. */
export class CrashLoops {
  private readonly exits = new Map<string, readonly number[]>();

  /** Notes an exit of `key` at `at` (ms since the epoch). */
  note(key: string, at: number): CrashVerdict {
    const recent = [...(this.exits.get(key) ?? []).filter((then) => at - then < WINDOW_MS), at];
    this.exits.set(key, recent);
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (recent.length - 1), LONGEST_PAUSE_MS);
    return { exits: recent.length, isLoop: recent.length >= LOOP_EXITS, pauseMs };
  }
}
