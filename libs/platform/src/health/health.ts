import type { Clock } from '../lifecycle/clock.js';

/** A readiness check: undefined when all is well, otherwise the reason why not. */
export type HealthCheck = () => Promise<string | undefined> | string | undefined;

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly reason?: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly CheckResult[];
}

const CHECK_MS = 2_000;

/** Readiness of an app: every part that it needs registers a named check. */
export class Health {
  private readonly checks = new Map<string, HealthCheck>();
  private closing: string | undefined;

  constructor(private readonly clock: Pick<Clock, 'sleep'>) {}

  register(name: string, check: HealthCheck): void {
    this.checks.set(name, check);
  }

  /** From now on the app is not ready, whatever its parts say. */
  turnRed(reason: string): void {
    this.closing = reason;
  }

  async readiness(): Promise<Readiness> {
    const results = await Promise.all([...this.checks].map(([name, check]) => this.run(name, check)));
    const own = this.closing === undefined ? [] : [{ name: 'lifecycle', ok: false, reason: this.closing }];
    const checks = [...own, ...results];
    return { ready: checks.every(({ ok }) => ok), checks };
  }

  private async run(name: string, check: HealthCheck): Promise<CheckResult> {
    const tired = new AbortController();
    const reason = await Promise.race([
      answerOf(check),
      this.clock.sleep(CHECK_MS, tired.signal).then(() => `no answer within ${CHECK_MS} ms`),
    ]);
    tired.abort();
    return reason === undefined ? { name, ok: true } : { name, ok: false, reason };
  }
}

async function answerOf(check: HealthCheck): Promise<string | undefined> {
  try {
    return await check();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
