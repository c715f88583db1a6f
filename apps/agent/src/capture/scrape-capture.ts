import { gunzipSync, gzipSync } from 'node:zlib';
import { MAX_CAPTURED_BYTES } from '#lib/agent-protocol';
import { MAX_RECORDING_POINTS, RecordingCounter, type RecordedWindow } from '#lib/pipelines';
import { newestPointMs } from '../meter/newest-point.js';

export type CaptureLimits = {
  readonly points: number;
  /** Packed, as the exports are kept. */
  readonly bytes: number;
  /** Unpacked, as whoever plays the recording holds them. */
  readonly unpackedBytes: number;
};

export const captureLimits: CaptureLimits = {
  points: MAX_RECORDING_POINTS,
  // Room for the header. Packed together, windows take less than one by one.
  bytes: MAX_CAPTURED_BYTES - 64 * 1024,
  unpackedBytes: 96 * 1024 * 1024,
};

export type CaptureOptions = {
  readonly host: string;
  readonly intervalSeconds: number;
  /** How many windows to take. */
  readonly windows: number;
  readonly limits?: CaptureLimits;
};

type Size = { readonly points: number; readonly series: number };
type KeptWindow = { readonly at: number; readonly packed: Buffer[]; readonly before: Size };

/** A scrape may come by this share of an interval too early and still be the one of its time. */
const EARLY = 0.25;

/**
 * The scrapes of one collector, window by window, kept packed so that minutes of them take a few MiB. Scrapes are one
 * interval apart from the first on; several requests of one scrape are one window.
 */
export class ScrapeCapture {
  /** Points, and distinct series, of all that is kept. */
  size: Size = { points: 0, series: 0 };
  /** Why it ended with fewer windows than were wanted. */
  full: string | undefined;
  /** Nothing more is taken. */
  isClosed = false;
  private readonly kept: KeptWindow[] = [];
  private readonly counter = new RecordingCounter();
  private readonly limits: CaptureLimits;
  private firstMs: number | undefined;
  private lastIndex = -1;
  private packedBytes = 0;
  private unpackedBytes = 0;

  constructor(private readonly options: CaptureOptions) {
    this.limits = options.limits ?? captureLimits;
  }

  /** Windows that have begun. */
  get windows(): number {
    return this.kept.length;
  }

  /** When the first window was scraped, ms since the epoch. */
  get firstAt(): number | undefined {
    return this.kept[0]?.at;
  }

  /** Takes one export request. Throws `OtlpDecodeError` for what is none. */
  add(body: Uint8Array): void {
    const newest = newestPointMs(body);
    if (this.isClosed || !Number.isFinite(newest)) return;
    const intervalMs = this.options.intervalSeconds * 1000;
    const first = (this.firstMs ??= newest);
    const index = Math.floor((newest - first) / intervalMs + EARLY);
    if (index > this.lastIndex) {
      // What follows the last wanted window only tells that it is complete.
      if (this.kept.length >= this.options.windows) {
        this.close();
        return;
      }
      this.kept.push({ at: first + index * intervalMs, packed: [], before: this.size });
      this.lastIndex = index;
    }
    this.keep(body);
  }

  close(): void {
    this.isClosed = true;
  }

  /** Every window, unpacked as it is asked for. */
  *recorded(): Generator<RecordedWindow> {
    for (const { at, packed } of this.kept) {
      // Requests one after the other are one request with the resources of all.
      const body = Buffer.concat(packed.map((one) => gunzipSync(one)));
      yield { at, exports: [{ host: this.options.host, body }] };
    }
  }

  private keep(body: Uint8Array): void {
    const packed = gzipSync(body);
    this.counter.add({ host: this.options.host, body });
    this.packedBytes += packed.length;
    this.unpackedBytes += body.length;
    this.size = { points: this.counter.points, series: this.counter.series };
    this.kept.at(-1)?.packed.push(packed);
    this.full = this.excess();
    if (this.full === undefined) return;
    // A window that is not whole would look like processes that ended.
    this.size = this.kept.pop()?.before ?? this.size;
    this.close();
  }

  private excess(): string | undefined {
    const { bytes, points, unpackedBytes } = this.limits;
    if (this.counter.points > points) return `a recording holds at most ${points} points`;
    if (this.packedBytes > bytes) return `a recording takes at most ${bytes} bytes, packed`;
    if (this.unpackedBytes > unpackedBytes)
      return `a recording takes at most ${unpackedBytes} bytes, unpacked`;
    return undefined;
  }
}
