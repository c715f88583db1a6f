import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { MAX_UPLINK_BYTES, OUTBOX_HEADERS } from '#lib/agent-protocol';
import { AgentError } from '../errors.js';
import { nodeDisk, type Disk } from '../files/disk.js';
import { Serial } from '../serial.js';
import { LaneLog, type NumberRange } from './lane-log.js';
import type { OutboxEntry, OutboxMessage } from './record.js';

/** `results` are never dropped; `metrics` give up the oldest that were never sent when their share of the disk is full. */
export type LaneName = 'results' | 'metrics';

export type OutboxOptions = {
  readonly folder: string;
  /** Turns a range of dropped metrics into the message that tells of it on the results lane. */
  readonly gapMessage: (gap: NumberRange) => OutboxMessage;
  readonly metricsCapBytes?: number;
  readonly segmentBytes?: number;
  readonly disk?: Disk;
};

/** Messages that wait, by lane. */
export type OutboxStatus = Readonly<Record<LaneName, number>> & {
  /** Metrics messages that gave way to newer ones since the outbox was opened. */
  readonly dropped: number;
  /** Why the disk takes no more. */
  readonly failure: string | undefined;
};

/** A day of windows at their usual 2 KiB, four times over. */
const METRICS_CAP_BYTES = 64 * 1024 * 1024;
const SEGMENT_BYTES = 1024 * 1024;

/**
 * Everything a host has to say that must arrive, on disk until the hub has acknowledged it. Each lane numbers its
 * messages; `epoch` names the numbering and is new whenever the numbering had to start again.
 */
export class Outbox {
  private readonly capping = new Serial();
  private dropped = 0;

  private constructor(
    readonly epoch: string,
    private readonly lanes: Readonly<Record<LaneName, LaneLog>>,
    private readonly capBytes: number,
    private readonly gapMessage: OutboxOptions['gapMessage'],
  ) {}

  /** Opens the outbox in its folder, or makes a new one. @throws AgentError `outbox-unavailable`, without a disk */
  static async open(options: OutboxOptions): Promise<Outbox> {
    const {
      folder,
      disk = nodeDisk,
      metricsCapBytes = METRICS_CAP_BYTES,
      segmentBytes = SEGMENT_BYTES,
    } = options;
    try {
      const results = await LaneLog.open(disk, join(folder, 'results'), segmentBytes);
      const metrics = await LaneLog.open(
        disk,
        join(folder, 'metrics'),
        Math.min(segmentBytes, metricsCapBytes / 8),
      );
      const epoch = await epochOf(disk, folder, results.hadCursor && metrics.hadCursor);
      const lanes = { results: results.lane, metrics: metrics.lane };
      const outbox = new Outbox(epoch, lanes, metricsCapBytes, options.gapMessage);
      await metrics.lane.finishGivingUp((range) => outbox.tellGap(range));
      return outbox;
    } catch (error) {
      throw new AgentError('outbox-unavailable', error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * Resolves with the message's number in its lane once it is on disk.
   * @throws AgentError `outbox-unavailable` | `message-too-large`
   */
  async append(lane: LaneName, message: OutboxMessage): Promise<number> {
    const { length } = message.body;
    if (length > MAX_UPLINK_BYTES[lane])
      throw new AgentError('message-too-large', `${length} bytes on ${lane}`);
    if (lane === 'metrics') await this.capping.run(() => this.makeRoom(length));
    return this.lanes[lane].append(message);
  }

  /** The oldest message of a lane, waiting for one. */
  next(lane: LaneName, signal: AbortSignal): Promise<OutboxEntry> {
    return this.lanes[lane].next(signal);
  }

  /** Forgets the lane's oldest message: it is stored at the hub. */
  acknowledge(lane: LaneName, n: number): Promise<void> {
    return this.lanes[lane].ack(n);
  }

  /** The headers by which ingest recognises a message that comes twice. */
  headersOf(lane: LaneName, entry: OutboxEntry): Readonly<Record<string, string>> {
    return {
      ...entry.headers,
      [OUTBOX_HEADERS.epoch]: this.epoch,
      [OUTBOX_HEADERS.n]: String(entry.n),
      [OUTBOX_HEADERS.lane]: lane,
    };
  }

  status(): OutboxStatus {
    const { results, metrics } = this.lanes;
    const { dropped } = this;
    const failure = results.failure ?? metrics.failure;
    return { results: results.depth, metrics: metrics.depth, dropped, failure };
  }

  /** A gap is told before it is made, and made once it is told: what is told lost never arrives. */
  private async makeRoom(length: number): Promise<void> {
    const { metrics } = this.lanes;
    while (metrics.bytes + length > this.capBytes) {
      const gap = await metrics.giveUp((range) => this.tellGap(range));
      if (gap === undefined) return;
      this.dropped += gap.toN - gap.fromN + 1;
    }
  }

  private tellGap(range: NumberRange): Promise<number> {
    return this.lanes.results.append(this.gapMessage(range));
  }
}

/** The epoch is written last, so a folder that has one has both lanes. */
async function epochOf(disk: Disk, folder: string, mayContinue: boolean): Promise<string> {
  const path = join(folder, 'epoch');
  const known = (await disk.read(path))?.toString('utf8') ?? '';
  if (mayContinue && /^[0-9a-f]{16}$/.test(known)) return known;
  const fresh = randomBytes(8).toString('hex');
  await disk.replace(path, fresh);
  return fresh;
}
