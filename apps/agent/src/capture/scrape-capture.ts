import { gunzipSync, gzipSync } from 'node:zlib';
import { MAX_CAPTURED_BYTES } from '#lib/agent-protocol';
import { countRecording, MAX_RECORDING_POINTS, RecordingCounter, type RecordedWindow } from '#lib/pipelines';
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
  /** Who was scraped for a request, where each is scraped at a time of its own; otherwise all are at once. */
  readonly scrapedOf?: (body: Uint8Array) => string;
};

type Size = { readonly points: number; readonly series: number };
type KeptWindow = { readonly index: number; readonly at: number; readonly packed: Buffer[] };
/** When the first scrape of one was, ms since the epoch, and whether all that was wanted of it has come. */
type Scraped = { readonly firstMs: number; isComplete: boolean };

/** A scrape may come by this share of an interval too early and still be the one of its time. */
const EARLY = 0.25;

/**
 * The scrapes of one collector, window by window, kept packed so that minutes of them take a few MiB. Scrapes are one
 * interval apart from the first on; several requests of one scrape are one window. Where each target is scraped at a
 * time of its own, a window has one scrape of each.
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
  private readonly scraped = new Map<string, Scraped>();
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
    const scraped = this.scrapedBy(body, newest);
    const intervalMs = this.options.intervalSeconds * 1000;
    const index = Math.floor((newest - scraped.firstMs) / intervalMs + EARLY);
    if (index > (this.kept.at(-1)?.index ?? -1) && this.kept.length >= this.options.windows) {
      // What follows the last wanted window only tells that it is complete.
      scraped.isComplete = true;
      if ([...this.scraped.values()].every(({ isComplete }) => isComplete)) this.close();
      return;
    }
    this.keep(body, this.windowOf(index, scraped.firstMs + index * intervalMs));
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

  private scrapedBy(body: Uint8Array, newestMs: number): Scraped {
    const key = this.options.scrapedOf?.(body) ?? '';
    const known = this.scraped.get(key) ?? { firstMs: newestMs, isComplete: false };
    this.scraped.set(key, known);
    return known;
  }

  /** A page that takes long comes when the next window has begun. */
  private windowOf(index: number, at: number): KeptWindow {
    const last = this.kept.at(-1);
    if (last !== undefined && index <= last.index)
      return this.kept.findLast((begun) => begun.index <= index) ?? last;
    const window: KeptWindow = { index, at, packed: [] };
    this.kept.push(window);
    return window;
  }

  private keep(body: Uint8Array, { packed: into }: KeptWindow): void {
    const packed = gzipSync(body);
    this.counter.add({ host: this.options.host, body });
    this.packedBytes += packed.length;
    this.unpackedBytes += body.length;
    this.size = { points: this.counter.points, series: this.counter.series };
    into.push(packed);
    this.full = this.excess();
    if (this.full === undefined) return;
    // A window that is not whole would look like processes that ended.
    this.kept.pop();
    this.size = countRecording(this.recorded());
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
