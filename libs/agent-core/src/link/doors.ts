import type { LinkVitals } from '#lib/agent-protocol';
import type { Clock } from '../clock.js';
import { AgentError } from '../errors.js';
import type { Log } from '../log.js';
import type { PublishAcked } from '../outbox/drain-lane.js';
import type { Handle, Link } from './door.js';

/** A way to the control plane that is opened when it is needed. */
export type Door = { readonly name: string; readonly open: () => Link };

export type DoorsOptions = {
  /** The best one first: leaf, direct NATS, HTTP. */
  readonly doors: readonly [Door, ...Door[]];
  readonly clock: Clock;
  readonly log: Log;
};

/** The doors are looked at this often. */
const LOOK_MS = 1_000;
/** Looks in a row that find no way through before the next door is opened. A client tries about once a second. */
const TRIES = 10;
/** Messages in a row without an answer after which a door that seems open counts as blocked: its hub is away. */
const UNANSWERED = 3;
/** A blocked door is tried with one message this often. */
const PROBE_MS = 30_000;

type OpenDoor = {
  readonly name: string;
  readonly link: Link;
  unanswered: number;
  /** When a blocked door may be tried again. */
  probeAt: number;
};

/**
 * Several doors as one link. It uses the best that lets through, opens the next after a bounded number of tries, keeps
 * trying the better ones, and goes back and closes the lesser as soon as one works. Nothing is lost or doubled on the
 * way: outbox and task journal are the same behind all doors, and both ends know what comes twice.
 */
export function openDoors(options: DoorsOptions): Link {
  return new SeveralDoors(options);
}

class SeveralDoors implements Link {
  private opened: readonly OpenDoor[] = [];
  private current: OpenDoor | undefined;
  private readonly closing = new AbortController();
  private readonly listeners: (() => void)[] = [];
  private readonly servants: { readonly subject: string; readonly handle: Handle }[] = [];
  private readonly running: Promise<void>;
  private readonly leaving: Promise<void>[] = [];

  constructor(private readonly options: DoorsOptions) {
    this.openNext();
    this.running = this.watch();
  }

  readonly publishAcked: PublishAcked = async (...message) => {
    const open = this.choose();
    if (open === undefined) throw new AgentError('not-connected', 'no door lets through');
    try {
      await open.link.publishAcked(...message);
    } catch (error) {
      // A hub that refuses has answered.
      if (!(error instanceof AgentError && error.code === 'hub-refused')) open.unanswered += 1;
      throw error;
    }
    open.unanswered = 0;
    this.settle();
  };

  isConnected(): boolean {
    return this.current?.link.isConnected() === true;
  }

  about(): LinkVitals | undefined {
    return this.current?.link.about();
  }

  publish(subject: string, body: Uint8Array): void {
    this.current?.link.publish(subject, body);
  }

  serve(subject: string, handle: Handle): void {
    this.servants.push({ subject, handle });
    for (const { link } of this.opened) link.serve(subject, handle);
  }

  onConnect(listener: () => void): void {
    this.listeners.push(listener);
    if (this.isConnected()) listener();
  }

  async renew(): Promise<void> {
    await Promise.all(this.opened.map(({ link }) => link.renew()));
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
    await Promise.all([...this.leaving, ...this.opened.map(({ link }) => link.close())]);
  }

  private async watch(): Promise<void> {
    const { clock, doors } = this.options;
    const { signal } = this.closing;
    for (let misses = 0; !signal.aborted;) {
      this.settle();
      misses = this.opened.some(letsThrough) ? 0 : misses + 1;
      if (misses >= TRIES && this.opened.length < doors.length) {
        this.openNext();
        misses = 0;
      }
      await clock.sleep(LOOK_MS, signal).catch(() => undefined);
    }
  }

  private openNext(): void {
    const door = this.options.doors[this.opened.length];
    if (door === undefined) return;
    this.options.log.info({ door: door.name }, 'opening door');
    const open: OpenDoor = { name: door.name, link: door.open(), unanswered: 0, probeAt: 0 };
    this.opened = [...this.opened, open];
    for (const { handle, subject } of this.servants) open.link.serve(subject, handle);
    open.link.onConnect(() => {
      // A new connection may lead to a hub that answers again.
      open.unanswered = 0;
      const hasMoved = this.settle();
      if (!hasMoved && this.current === open) this.tellListeners();
    });
  }

  /** Uses the best door that lets through and closes the lesser; true when that is another than before. */
  private settle(): boolean {
    const best = this.opened.find(letsThrough) ?? this.opened.find(({ link }) => link.isConnected());
    if (best === undefined || this.closing.signal.aborted) return false;
    if (letsThrough(best)) this.closeBehind(best);
    if (best === this.current) return false;
    this.current = best;
    this.options.log.info({ door: best.name }, 'using door');
    this.tellListeners();
    return true;
  }

  private closeBehind(best: OpenDoor): void {
    const place = this.opened.indexOf(best) + 1;
    for (const { link } of this.opened.slice(place)) this.leaving.push(link.close());
    if (this.opened.length > place) this.opened = this.opened.slice(0, place);
  }

  private tellListeners(): void {
    for (const listener of this.listeners) listener();
  }

  /** The door for one message: the best that lets through, or now and then a better one, to see whether it does. */
  private choose(): OpenDoor | undefined {
    const now = this.options.clock.now();
    const connected = this.opened.filter(({ link }) => link.isConnected());
    const open = connected.find((it) => letsThrough(it) || now >= it.probeAt) ?? connected[0];
    if (open !== undefined && !letsThrough(open)) open.probeAt = now + PROBE_MS;
    return open;
  }
}

function letsThrough({ link, unanswered }: OpenDoor): boolean {
  return link.isConnected() && unanswered < UNANSWERED;
}
