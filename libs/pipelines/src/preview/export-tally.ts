import { decodeMetrics } from '#lib/otlp';
import { compareExported, exported } from './compare.js';
import { Layouts } from './layouts.js';
import { measuredLimits } from './limits.js';
import type { PreviewReport } from './report.js';
import { VariantProfile } from './variant-profile.js';

type Variant = 'baseline' | 'candidate';

export type TallyOptions = {
  readonly host: string;
  /** Where the exports come from, in words. */
  readonly source: string;
  /** When the time that counts begins, ms since the epoch. */
  readonly from: number;
  readonly seconds: number;
  readonly intervalSeconds: number;
  /** Distinct things that are remembered at most; a process with its attributes is about eight. */
  readonly most?: number;
};

const MOST = 100_000;

/**
 * Counts what a baseline and a candidate really exported, request by request. No request is kept, only what is
 * distinct in them, so a long time takes no more memory than a short one with the same processes.
 */
export class ExportTally {
  /** More was exported than may be remembered: there is nothing to compare. */
  isFull = false;
  private readonly layouts = new Layouts();
  private readonly profiles: Readonly<Record<Variant, VariantProfile>>;

  constructor(private readonly options: TallyOptions) {
    const profile = (): VariantProfile => new VariantProfile(this.layouts, options.from);
    this.profiles = { baseline: profile(), candidate: profile() };
  }

  /** Counts a request that came at `at`, if that is in the time that counts. Throws `OtlpDecodeError`. */
  add(variant: Variant, body: Uint8Array, at: number): void {
    const { from, host, most = MOST, seconds } = this.options;
    if (this.isFull || at < from || at >= from + seconds * 1000) return;
    const { baseline, candidate } = this.profiles;
    this.profiles[variant].add(host, at, decodeMetrics(body));
    this.isFull = this.layouts.size + baseline.resources.size + candidate.resources.size > most;
  }

  /** What would be lost from the one to the other; undefined where one sent nothing, or there was too much. */
  compare(criticalProcesses: readonly string[]): PreviewReport | undefined {
    const { from, intervalSeconds, seconds, source } = this.options;
    const { baseline, candidate } = this.profiles;
    if (this.isFull || baseline.points === 0 || candidate.points === 0) return undefined;
    const windows = Math.floor(seconds / intervalSeconds);
    return compareExported(exported(baseline), exported(candidate), {
      data: { kind: 'captured', source, hosts: 1, windows, intervalSeconds, durationSeconds: seconds },
      ...{ from, criticalProcesses, limits: measuredLimits(seconds) },
    });
  }
}
