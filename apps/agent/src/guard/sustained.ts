/**
 * Tells a broken limit from a spike. Each look says whether the limit was broken in the `spanMs` before it; the limit
 * counts as broken when it certainly was for all of `windowMs`. So a spike shorter than the window never counts, and a
 * lasting breach counts after at most the window, two spans and one look.
 */
export class Sustained {
  private overSince: number | undefined;

  constructor(private readonly windowMs: number) {}

  /** @returns true when the limit has been broken for the window */
  note(at: number, isOver: boolean, spanMs = 0): boolean {
    if (!isOver) {
      this.overSince = undefined;
      return false;
    }
    this.overSince ??= at;
    return at - spanMs - this.overSince >= this.windowMs;
  }

  /** Nothing is known of the time until now. */
  forget(): void {
    this.overSince = undefined;
  }
}
