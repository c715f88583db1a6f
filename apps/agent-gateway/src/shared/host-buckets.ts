/** How much is let through: `burst` at once, and `perSecond` for as long as it goes on. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  tokens: number;
  /** When it was last filled up, ms. */
  at: number;
}

/** A bucket of a host is forgotten when so many others were used since; it starts full again. */
const MOST_BUCKETS = 50_000;

/** One token bucket for each name, such as a host. Pure: the caller brings the time. */
export class HostBuckets {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly rate: Rate,
    private readonly most = MOST_BUCKETS,
  ) {}

  /** Takes one token; false when there is none. `now` in ms; a clock that goes back fills nothing. */
  take(name: string, now: number): boolean {
    const bucket = this.buckets.get(name) ?? { tokens: this.rate.burst, at: now };
    const filled = bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * this.rate.perSecond;
    const tokens = Math.min(this.rate.burst, filled);
    const isLeft = tokens >= 1;
    this.buckets.delete(name);
    this.buckets.set(name, { tokens: isLeft ? tokens - 1 : tokens, at: now });
    if (this.buckets.size > this.most) this.forgetOldest();
    return isLeft;
  }

  get size(): number {
    return this.buckets.size;
  }

  private forgetOldest(): void {
    const [oldest] = this.buckets.keys();
    if (oldest !== undefined) this.buckets.delete(oldest);
  }
}
