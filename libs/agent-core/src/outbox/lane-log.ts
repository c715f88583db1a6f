import { AgentError, reasonOf } from '../errors.js';
import type { Disk } from '../files/disk.js';
import { Serial } from '../serial.js';
import {
  decodeRecord,
  encodeRecord,
  PREFIX_BYTES,
  type OutboxEntry,
  type OutboxMessage,
  type RecordPlace,
} from './record.js';
import {
  cursorPath,
  findLane,
  formatRange,
  givenUpPath,
  newSegment,
  offsetAfter,
  parseRange,
  type NumberRange,
  type Segment,
} from './segments.js';

export type { NumberRange } from './segments.js';

/** Resolves when it is on disk that these messages are lost. */
type TellRange = (range: NumberRange) => Promise<unknown>;

type LaneStart = {
  readonly segments: Segment[];
  readonly acked: number;
  readonly headOffset: number;
};

type Waiting = {
  readonly message: OutboxMessage;
  readonly resolve: (n: number) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * One lane of the outbox: an append-only set of segment files and a cursor. It may be killed at any instruction.
 * A message counts once its record is synced; records reach the disk in the order of their numbers; the cursor is
 * on disk before the segment behind it is removed, so a number is never given twice.
 */
export class LaneLog {
  /** Why the disk refused the last write; undefined while it takes them. */
  failure: string | undefined;
  private readonly serial = new Serial();
  private readonly segments: Segment[];
  /** The number up to which all were acknowledged or given up. */
  private acked: number;
  /** Where the first record that was not starts in the first segment. */
  private headOffset: number;
  private waiting: Waiting[] = [];
  private wake: (() => void) | undefined;
  /** Where the head lies, once it was read. */
  private headPlace: RecordPlace | undefined;

  private constructor(
    private readonly disk: Disk,
    private readonly folder: string,
    private readonly segmentBytes: number,
    start: LaneStart,
  ) {
    this.segments = start.segments;
    this.acked = start.acked;
    this.headOffset = start.headOffset;
  }

  /** Opens or makes the lane. `hadCursor` is false where its numbering may not be continued. @throws disk errors */
  static async open(
    disk: Disk,
    folder: string,
    segmentBytes: number,
  ): Promise<{ readonly lane: LaneLog; readonly hadCursor: boolean }> {
    const found = await findLane(disk, folder);
    const acked = found.acked ?? (found.segments[0]?.firstN ?? 1) - 1;
    const segments = found.segments.filter(({ lastN }) => lastN > acked);
    const first = segments[0];
    const headOffset = first === undefined ? 0 : await offsetAfter(disk, first, acked);
    await disk.replace(cursorPath(folder), `${acked}\n`);
    for (const { path } of found.segments.filter(({ lastN }) => lastN <= acked)) await disk.remove(path);
    const lane = new LaneLog(disk, folder, segmentBytes, { segments, acked, headOffset });
    return { lane, hadCursor: found.acked !== undefined };
  }

  /** Messages that wait for their acknowledgement. */
  get depth(): number {
    return this.segments.reduce(
      (sum, { firstN, lastN }) => sum + lastN - Math.max(firstN - 1, this.acked),
      0,
    );
  }

  get bytes(): number {
    return this.segments.reduce((sum, { size }) => sum + size, 0);
  }

  /** Resolves with the message's number once it is on disk. @throws AgentError `outbox-unavailable` */
  append(message: OutboxMessage): Promise<number> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ message, resolve, reject });
      void this.serial.run(() => this.flush());
    });
  }

  /** The oldest message that waits; undefined when none does. */
  head(): Promise<OutboxEntry | undefined> {
    return this.serial.run(() => this.readHead());
  }

  /** As `head`, but waits for one. @throws the signal's reason when it is aborted */
  async next(signal: AbortSignal): Promise<OutboxEntry> {
    for (;;) {
      signal.throwIfAborted();
      const entry = await this.head();
      if (entry !== undefined) return entry;
      await this.appended(signal);
    }
  }

  /** Moves the cursor behind `n`, which was the head. An older number changes nothing. @throws AgentError */
  ack(n: number): Promise<void> {
    return this.serial.run(async () => {
      if (n > this.acked) await this.moveCursor(n);
    });
  }

  /**
   * Gives up the oldest messages that cannot have been sent; undefined when there are none. The first segment stays: its
   * head may be on its way, or have arrived before a crash, and nobody could say whether it is lost. `tell` has told of
   * the range when it resolves; killed anywhere in between, `finishGivingUp` makes the rest of it. @throws AgentError
   */
  giveUp(tell: TellRange): Promise<NumberRange | undefined> {
    return this.serial.run(async () => {
      const [, second, third] = this.segments;
      if (second === undefined || third === undefined) return undefined;
      const range = { fromN: second.firstN, toN: second.lastN };
      await this.guarded(() => this.disk.replace(givenUpPath(this.folder), formatRange(range)));
      await this.part(range, tell);
      return range;
    });
  }

  /** To be called before anything is sent. What was told already is told again in the same words. @throws AgentError */
  finishGivingUp(tell: TellRange): Promise<void> {
    return this.serial.run(async () => {
      const range = parseRange(await this.disk.read(givenUpPath(this.folder)));
      if (range !== undefined) await this.part(range, tell);
    });
  }

  private async part(range: NumberRange, tell: TellRange): Promise<void> {
    await tell(range);
    await this.guarded(async () => {
      const place = this.segments.findIndex(({ firstN }) => firstN === range.fromN);
      for (const { path } of place < 0 ? [] : this.segments.splice(place, 1)) await this.disk.remove(path);
      await this.disk.remove(givenUpPath(this.folder));
    });
  }

  private async guarded(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      throw this.refused(error);
    }
  }

  private async appended(signal: AbortSignal): Promise<void> {
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => (wake = resolve));
    this.wake = wake;
    signal.addEventListener('abort', wake);
    if (this.depth === 0 && !signal.aborted) await woken;
    signal.removeEventListener('abort', wake);
  }

  private async flush(): Promise<void> {
    const batch = this.waiting;
    this.waiting = [];
    if (batch.length === 0) return;
    try {
      const firstN = Math.max(this.acked, this.segments.at(-1)?.lastN ?? 0) + 1;
      const records = batch.map(({ message }, index) => encodeRecord({ ...message, n: firstN + index }));
      const segment = this.segmentFor(firstN);
      await this.disk.writeAt(segment.path, segment.size, Buffer.concat(records));
      segment.size += records.reduce((sum, { length }) => sum + length, 0);
      segment.lastN += batch.length;
      if (this.segments.at(-1) !== segment) this.segments.push(segment);
      this.failure = undefined;
      batch.forEach(({ resolve }, index) => resolve(firstN + index));
      this.wake?.();
    } catch (error) {
      const refusal = this.refused(error);
      for (const { reject } of batch) reject(refusal);
    }
  }

  /** A segment joins the list only after its first record is on disk. */
  private segmentFor(n: number): Segment {
    const active = this.segments.at(-1);
    return active !== undefined && active.size < this.segmentBytes ? active : newSegment(this.folder, n);
  }

  private async readHead(): Promise<OutboxEntry | undefined> {
    // The last file of a lane is kept when all of it was acknowledged; a new one has been begun since.
    if (this.segments.length > 1 && this.headOffset >= (this.segments[0]?.size ?? 0))
      await this.moveCursor(this.acked);
    const [segment] = this.segments;
    const offset = this.headOffset;
    if (segment === undefined || offset >= segment.size) return undefined;
    try {
      const prefix = await this.disk.readAt(segment.path, offset, PREFIX_BYTES);
      const length = PREFIX_BYTES + prefix.readUInt32LE(0);
      const entry = decodeRecord(await this.disk.readAt(segment.path, offset, length));
      if (entry === undefined) throw new Error(`${segment.path} is damaged at ${offset}`);
      this.headPlace = { n: entry.n, offset, length };
      return entry;
    } catch (error) {
      throw this.refused(error);
    }
  }

  private async moveCursor(n: number): Promise<void> {
    try {
      await this.disk.replace(cursorPath(this.folder), `${n}\n`);
      this.acked = n;
      await this.leaveSegments(n);
      const [first] = this.segments;
      if (first === undefined) return;
      const { headPlace } = this;
      const isHead = headPlace?.n === n && n <= first.lastN && n >= first.firstN;
      this.headOffset = isHead ? headPlace.offset + headPlace.length : await offsetAfter(this.disk, first, n);
    } catch (error) {
      throw this.refused(error);
    }
  }

  /** An empty lane keeps its last file: in quiet times each message would make and remove one. */
  private async leaveSegments(n: number): Promise<void> {
    while (this.segments.length > 1 && (this.segments[0]?.lastN ?? n) <= n) {
      const done = this.segments.shift();
      if (done !== undefined) await this.disk.remove(done.path);
    }
  }

  private refused(error: unknown): AgentError {
    this.failure = reasonOf(error);
    return new AgentError('outbox-unavailable', this.failure);
  }
}
