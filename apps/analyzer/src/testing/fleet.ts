import { createHash } from 'node:crypto';
import { OUTBOX_HEADERS } from '#lib/agent-protocol';
import {
  encodeWindowMessage,
  HyperLogLog,
  MINUTE_MS,
  WINDOW_MS,
  type CollectorWindow,
  type MinuteSummary,
  type Variant,
  type WindowMessage,
} from '#lib/metering';
import type { Nats } from '#lib/platform';

/** How many series each variant of a host sends. */
export type HostLoad = { readonly host: string; readonly baseline: number; readonly candidate: number };

/** A window as an agent publishes it. */
export type Outgoing = {
  readonly tenant: string;
  readonly host: string;
  readonly epoch: string;
  readonly n: number;
  readonly experimentId: string;
  readonly body: Uint8Array;
};

const sketches = new Map<number, string>();

/** The sketch of `count` series, the same each time. */
function sketchOf(count: number): string {
  const known = sketches.get(count);
  if (known !== undefined) return known;
  const sketch = new HyperLogLog(14);
  for (let i = 0; i < count; i++) {
    const digest = createHash('sha256').update(String(i)).digest();
    sketch.add({ lo: digest.readUInt32LE(0), hi: digest.readUInt32LE(4) });
  }
  sketches.set(count, sketch.toText());
  return sketch.toText();
}

function collector(variant: Variant, start: number, series: number): CollectorWindow {
  const executables = [{ name: 'nginx', points: series, series }];
  return {
    ...{ variant, instance: `${variant}-1`, configHash: `hash-${variant}` },
    ...{ coveredFrom: start, coveredTo: start + WINDOW_MS },
    ...{ points: series, bytes: series * 60, wireBytes: series * 6, requests: 1, malformed: 0 },
    ...{ activeSeries: { value: series, exact: true }, metrics: [], executables, hostPoints: series },
    freshness: null,
    use: { cpuSeconds: 0.1, rssBytes: 80e6, refused: 0, failed: 0 },
  };
}

function minuteOf(start: number, load: HostLoad): MinuteSummary {
  const variants = (['baseline', 'candidate'] as const).map((variant) => ({
    ...{ variant, coveredSeconds: 60, series: { value: load[variant], exact: true } },
    ...{ sketch: sketchOf(load[variant]), attributes: [] },
  }));
  return { start, variants, difference: null };
}

/** One window of a host that runs both variants. `wobble` moves all counts of a time together, as load does. */
export function windowOf(load: HostLoad, start: number, wobble = 0): WindowMessage {
  const moved = {
    ...load,
    baseline: load.baseline + wobble,
    candidate: load.candidate + Math.round(wobble / 4),
  };
  const minute = Math.floor(start / MINUTE_MS) * MINUTE_MS;
  return {
    ...{ host: load.host, start, seconds: 10, closedAt: start + WINDOW_MS + 5, clockOffsetMs: 0 },
    ...{ identityVersion: 1, weights: [{ name: 'nginx', cpu: 0.2, rssBytes: 1e6 }] },
    collectors: [
      collector('baseline', start, moved.baseline),
      collector('candidate', start, moved.candidate),
    ],
    minute: start + WINDOW_MS === minute + MINUTE_MS ? minuteOf(minute, moved) : null,
  };
}

/** Hosts that publish what their agents would. Numbers go on from call to call. */
export class TestFleet {
  private readonly sent = new Map<string, number>();

  constructor(
    private readonly nats: Nats,
    private readonly tenant: string,
    private readonly experimentId: string,
  ) {}

  /** The windows of a host from a time up to another, numbered. */
  windows(load: HostLoad, from: number, to: number): readonly Outgoing[] {
    const outgoing: Outgoing[] = [];
    for (let start = from; start < to; start += WINDOW_MS) {
      const wobble = ((start / WINDOW_MS) * 7) % 11;
      outgoing.push(this.number(load.host, encodeWindowMessage(windowOf(load, start, wobble))));
    }
    return outgoing;
  }

  /** Gives a body the next number of a host's outbox. */
  number(host: string, body: Uint8Array): Outgoing {
    const n = (this.sent.get(host) ?? 0) + 1;
    this.sent.set(host, n);
    return {
      tenant: this.tenant,
      host,
      epoch: `epoch-${this.tenant}`,
      n,
      experimentId: this.experimentId,
      body,
    };
  }

  /** Publishes and waits for the acknowledgements. @returns the last sequence */
  async publish(messages: readonly Outgoing[]): Promise<number> {
    const acks = await Promise.all(
      messages.map(({ tenant, host, epoch, n, experimentId, body }) =>
        this.nats.publisher.publish(`met.${tenant}.${host}`, body, {
          headers: {
            [OUTBOX_HEADERS.epoch]: epoch,
            [OUTBOX_HEADERS.n]: String(n),
            [OUTBOX_HEADERS.lane]: 'metrics',
            'Phx-Experiment': experimentId,
          },
        }),
      ),
    );
    return Math.max(0, ...acks.map(({ sequence }) => sequence));
  }
}
