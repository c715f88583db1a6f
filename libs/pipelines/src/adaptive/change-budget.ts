const HOUR_MS = 3_600_000;

/** Counts changes, so that there are at most so many in any hour, wherever the hour begins. */
export class ChangeBudget {
  private times: readonly number[];

  /** @param spent times of earlier changes, epoch milliseconds, oldest first */
  constructor(
    private readonly perHour: number,
    spent: readonly number[] = [],
  ) {
    this.times = spent;
  }

  /** How many changes are left at this time. */
  left(at: number): number {
    this.times = this.times.filter((time) => at - time < HOUR_MS);
    return Math.max(this.perHour - this.times.length, 0);
  }

  /** Milliseconds since the last change that still counts; infinite where there is none. */
  restedFor(at: number): number {
    return at - (this.times.at(-1) ?? Number.NEGATIVE_INFINITY);
  }

  spend(at: number): void {
    this.times = [...this.times, at];
  }

  /** Times of the changes of the last hour, oldest first. */
  get spent(): readonly number[] {
    return this.times;
  }
}
