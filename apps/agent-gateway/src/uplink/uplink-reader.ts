import { nextMessage, readStream, type Clock, type Nats } from '#lib/platform';
import type { IngestLog, UplinkIngest } from './uplink-ingest.js';
import { UplinkLanes } from './uplink-lanes.js';

export interface UplinkPlace {
  /** Sequence of UPLINK up to which everything has been handled; 0 at first. */
  position(): Promise<number>;
  /** Moves the position forward; a lower one changes nothing. */
  moveTo(sequence: number): Promise<void>;
}

export interface UplinkReaderParts {
  readonly nats: Nats;
  readonly clock: Clock;
  readonly place: UplinkPlace;
  readonly ingest: Pick<UplinkIngest, 'take'>;
  readonly log: IngestLog;
}

const STREAM = 'UPLINK';
const RETRY_MS = 500;

/**
 * Reads UPLINK and lets its hosts take turns. A message is tried until it is taken: skipping would lose a result, and
 * going on would break the order of the host's reports. The position follows behind; what is read twice after a
 * restart is known by its number.
 */
export class UplinkReader {
  constructor(private readonly parts: UplinkReaderParts) {}

  /** Reads until the signal aborts. @throws what the database throws at the start */
  async read(signal: AbortSignal): Promise<void> {
    const { nats, clock, place, ingest, log } = this.parts;
    const after = await place.position();
    const mark = new Placemark(place, after, log);
    const lanes: UplinkLanes = new UplinkLanes({
      take: (message) => ingest.take(message),
      next: (lane, sequence) => nextMessage(nats, { stream: STREAM, subject: `${lane}.>`, after: sequence }),
      handled: () => mark.moved(lanes.position),
      pause: () => clock.sleep(RETRY_MS, signal),
      failed: (lane, error) => log.warn(STREAM, 'uplink message not taken yet', { err: error, lane }),
    });
    try {
      for await (const message of readStream(nats, { stream: STREAM, after, signal }))
        await lanes.add(message);
    } finally {
      await lanes.close();
      await mark.settled();
    }
  }
}

/** Writes the position, one write at a time: those that come meanwhile are one. */
class Placemark {
  private writing: Promise<void> | undefined;
  private wanted: number;

  constructor(
    private readonly place: UplinkPlace,
    private written: number,
    private readonly log: IngestLog,
  ) {
    this.wanted = written;
  }

  moved(position: number): void {
    this.wanted = position;
    this.writing ??= this.write().finally(() => (this.writing = undefined));
  }

  async settled(): Promise<void> {
    await this.writing;
  }

  /** A write that failed is made good by the next. */
  private async write(): Promise<void> {
    try {
      while (this.written < this.wanted) {
        const position = this.wanted;
        await this.place.moveTo(position);
        this.written = position;
      }
    } catch (error) {
      this.log.warn(STREAM, 'place in the uplink not written yet', { err: error });
    }
  }
}
