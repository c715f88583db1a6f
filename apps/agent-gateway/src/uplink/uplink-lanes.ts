import type { StoredMessage } from '#lib/platform';

export interface LanesParts {
  /** Handles one message. When it rejects, the message is tried again; the host's later ones wait behind it. */
  readonly take: (message: StoredMessage) => Promise<void>;
  /** The first message of a lane behind a sequence, from the stream. */
  readonly next: (lane: string, after: number) => Promise<StoredMessage | undefined>;
  /** Told after each message: the position may have moved. */
  readonly handled: () => void;
  /** Waits before a message is tried again. */
  readonly pause: () => Promise<void>;
  readonly failed: (lane: string, error: unknown) => void;
  /** Messages of one host that are kept in memory; what exceeds it is fetched from the stream in its turn. */
  readonly perHost?: number;
}

interface Lane {
  /** `up.<tenant>.<host>`. */
  readonly name: string;
  readonly kept: StoredMessage[];
  /** Everything of this host up to here has been handled. */
  after: number;
  /** Newest message of this host that is not kept, as there was no room; 0 when all are. */
  leftUpTo: number;
}

const PER_HOST = 32;
const IN_ALL = 2_048;
/** Hosts whose messages are handled at once. */
const AT_ONCE = 4;

/**
 * Lets hosts take turns. Messages come in the order of the stream; each host has a lane of its own, in its order, one
 * message in flight, and lanes are served one after the other. So however many messages of one host stand before
 * another's, that one waits for one turn of each host only.
 */
export class UplinkLanes {
  private readonly lanes = new Map<string, Lane>();
  private readonly ready: Lane[] = [];
  private readonly working = new Set<Promise<void>>();
  private kept = 0;
  private seen = 0;
  private isClosed = false;
  private roomMade: (() => void) | undefined;

  constructor(private readonly parts: LanesParts) {}

  /** Takes the next message of the stream. Resolves when there is room for another. */
  async add(message: StoredMessage): Promise<void> {
    this.seen = message.sequence;
    const lane = this.laneOf(message);
    if (lane.leftUpTo > 0 || lane.kept.length >= (this.parts.perHost ?? PER_HOST))
      lane.leftUpTo = message.sequence;
    else this.keep(lane, message);
    this.serve();
    if (this.kept >= IN_ALL && !this.isClosed)
      await new Promise<void>((resolve) => (this.roomMade = resolve));
  }

  /** Begins nothing more, and resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.roomMade?.();
    await Promise.all(this.working);
  }

  /** Sequence up to which every message has been handled. */
  get position(): number {
    let position = this.seen;
    for (const { after, kept } of this.lanes.values())
      position = Math.min(position, kept[0] === undefined ? after : kept[0].sequence - 1);
    return position;
  }

  private laneOf({ subject, sequence }: StoredMessage): Lane {
    const name = subject.split('.', 3).join('.');
    const known = this.lanes.get(name);
    if (known !== undefined) return known;
    const lane: Lane = { name, kept: [], after: sequence - 1, leftUpTo: 0 };
    this.lanes.set(name, lane);
    this.ready.push(lane);
    return lane;
  }

  private keep(lane: Lane, message: StoredMessage): void {
    lane.kept.push(message);
    this.kept += 1;
  }

  private serve(): void {
    while (!this.isClosed && this.working.size < AT_ONCE) {
      const lane = this.ready.shift();
      if (lane === undefined) return;
      const turn = this.turn(lane).finally(() => {
        this.working.delete(turn);
        this.serve();
      });
      this.working.add(turn);
    }
  }

  /** One message of one lane, which then stands behind all others. */
  private async turn(lane: Lane): Promise<void> {
    try {
      const message = await this.head(lane);
      if (message !== undefined) await this.parts.take(message);
      this.advance(lane, message);
    } catch (error) {
      this.parts.failed(lane.name, error);
      // It stands aside meanwhile: its trouble must not use up the turns of others.
      void this.parts.pause().then(() => this.queue(lane));
    }
  }

  /** The lane's oldest message; undefined when those that were left in the stream are gone from it. */
  private async head(lane: Lane): Promise<StoredMessage | undefined> {
    while (lane.kept[0] === undefined && lane.leftUpTo > 0) {
      const upTo = lane.leftUpTo;
      const found = await this.parts.next(lane.name, lane.after);
      if (found !== undefined && found.sequence <= lane.leftUpTo) return found;
      if (lane.leftUpTo === upTo) lane.leftUpTo = 0;
    }
    return lane.kept[0];
  }

  private advance(lane: Lane, message: StoredMessage | undefined): void {
    if (message !== undefined) this.forget(lane, message);
    if (lane.kept.length === 0 && lane.leftUpTo === 0) this.lanes.delete(lane.name);
    else this.queue(lane);
    this.parts.handled();
  }

  private forget(lane: Lane, message: StoredMessage): void {
    lane.after = message.sequence;
    if (lane.leftUpTo === message.sequence) lane.leftUpTo = 0;
    if (lane.kept[0] !== message) return;
    lane.kept.shift();
    this.kept -= 1;
    if (this.kept < IN_ALL) this.roomMade?.();
  }

  private queue(lane: Lane): void {
    this.ready.push(lane);
    this.serve();
  }
}
