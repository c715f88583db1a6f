import type { Variant } from '../collectors/collector.js';

/** Variants that are being put back, each on its own: one may not wait for the other. */
export class Repairs {
  private readonly works = new Map<Variant, Promise<void>>();

  constructor(private readonly onDone: () => void) {}

  has(variant: Variant): boolean {
    return this.works.has(variant);
  }

  /** Keeps everybody else from putting the variant back until the work is done, however it ends. */
  track(variant: Variant, work: Promise<unknown>): void {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    const repair = settled.then(() => {
      if (this.works.get(variant) === repair) this.works.delete(variant);
      this.onDone();
    });
    this.works.set(variant, repair);
  }

  /** Resolves when nobody works on the variant, or on any. */
  async done(variant?: Variant): Promise<void> {
    if (variant === undefined) await Promise.all(this.works.values());
    else await this.works.get(variant);
  }
}
