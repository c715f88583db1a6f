import type { Crash, CrashStep } from './settings.js';

/** Kills this process with SIGKILL at one chosen step, so that the place of a crash is known to the instruction. */
export class CrashPoint {
  private readonly seen = new Map<string, number>();
  private isArmed = false;

  constructor(private readonly crash: Crash | undefined) {}

  /** Counting begins: opening files writes too, and is no step of the work. */
  arm(): void {
    this.isArmed = true;
  }

  async around<T>(step: CrashStep | undefined, work: () => Promise<T>): Promise<T> {
    if (step !== undefined) this.pass(step, 'before');
    const result = await work();
    if (step !== undefined) this.pass(step, 'after');
    return result;
  }

  pass(step: CrashStep, when: Crash['when']): void {
    if (!this.isArmed || this.crash === undefined) return;
    const name = `${step} ${when}`;
    const n = (this.seen.get(name) ?? 0) + 1;
    this.seen.set(name, n);
    if (step === this.crash.step && when === this.crash.when && n === this.crash.n)
      process.kill(process.pid, 'SIGKILL');
  }
}
