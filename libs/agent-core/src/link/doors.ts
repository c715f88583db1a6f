import type { LinkVitals } from '#lib/agent-protocol';
import type { Clock } from '../clock.js';
import { AgentError } from '../errors.js';
import type { Log } from '../log.js';
import type { PublishAcked } from '../outbox/drain-lane.js';
import type { Handle, Link, LinkFailure } from './door.js';
import { OpenDoor } from './open-door.js';

/** A way to the control plane that is opened when it is needed. */
export type Door = { readonly name: string; readonly open: () => Link };

/** `silent`: connected, but the hub behind it does not answer. `closed`: a better one lets through. */
export const doorStates = ['in-use', 'connected', 'silent', 'not-connected', 'closed'] as const;

/** How one door stands. */
export type DoorReport = {
  readonly name: string;
  readonly state: (typeof doorStates)[number];
  /** Since when it is in that state, ISO 8601. */
  readonly since: string;
  readonly lastFailure?: LinkFailure;
};

/** Several doors as one link, which says how each stands. */
export interface Doors extends Link {
  /** In the order in which they are tried. */
  reports(): readonly DoorReport[];
}

export type DoorsOptions = {
  /** The best one first: leaf, direct NATS, HTTP. */
  readonly doors: readonly [Door, ...Door[]];
  /** A subject of this host that a stream of the hub listens to. Left out, no idle door is asked for a sign of life. */
  readonly probeSubject?: string;
  readonly clock: Clock;
  readonly log: Log;
};

/** The doors are looked at this often. */
const LOOK_MS = 1_000;
/** Looks in a row that find no way through before the next door is opened. A client tries about once a second. */
const TRIES = 10;

/**
 * Several doors as one link. It uses the best that lets through, opens the next after a bounded number of tries, keeps
 * trying the better ones, and goes back and closes the lesser as soon as one works. Nothing is lost or doubled on the
 * way: outbox and task journal are the same behind all doors, and both ends know what comes twice.
 */
export function openDoors(options: DoorsOptions): Doors {
  return new SeveralDoors(options);
}

class SeveralDoors implements Doors {
  private opened: readonly OpenDoor[] = [];
  private current: OpenDoor | undefined;
  private readonly closing = new AbortController();
  private readonly listeners: (() => void)[] = [];
  private readonly servants: { readonly subject: string; readonly handle: Handle }[] = [];
  private readonly known = new Map<string, DoorReport>();
  private readonly running: Promise<void>;
  private readonly leaving: Promise<void>[] = [];

  constructor(private readonly options: DoorsOptions) {
    this.openNext();
    this.running = this.watch();
  }

  readonly publishAcked: PublishAcked = async (...message) => {
    const open = this.choose();
    if (open === undefined) throw new AgentError('not-connected', 'no door lets through');
    await open.publishAcked(...message);
    this.settle();
  };

  async probe(subject: string): Promise<void> {
    if (this.current === undefined) throw new AgentError('not-connected', 'no door lets through');
    await this.current.link.probe(subject);
  }

  /** False also when the door in use is connected and its hub is known to be away. */
  isConnected(): boolean {
    return this.current?.letsThrough === true;
  }

  about(): LinkVitals | undefined {
    return this.current?.link.about();
  }

  lastFailure(): LinkFailure | undefined {
    return this.current?.lastFailure;
  }

  reports(): readonly DoorReport[] {
    return this.options.doors.map(({ name }) => this.report(name));
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
    const { clock, doors, probeSubject } = this.options;
    const { signal } = this.closing;
    for (let misses = 0; !signal.aborted;) {
      this.settle();
      // Not waited for: a hub that is away takes its time.
      if (probeSubject !== undefined)
        for (const open of this.opened) void open.ask(probeSubject).then(() => this.settle());
      misses = this.opened.some(({ letsThrough }) => letsThrough) ? 0 : misses + 1;
      if (misses >= TRIES && this.opened.length < doors.length) {
        this.openNext();
        misses = 0;
      }
      await clock.sleep(LOOK_MS, signal).catch(() => undefined);
    }
  }

  private openNext(): void {
    const { clock, doors, log } = this.options;
    const door = doors[this.opened.length];
    if (door === undefined) return;
    log.info({ door: door.name }, 'opening door');
    const open = new OpenDoor(door.name, door.open(), clock);
    this.opened = [...this.opened, open];
    for (const { handle, subject } of this.servants) open.link.serve(subject, handle);
    open.link.onConnect(() => {
      open.connected();
      const hasMoved = this.settle();
      if (!hasMoved && this.current === open) this.tellListeners();
    });
  }

  /** Uses the best door that lets through and closes the lesser; true when that is another than before. */
  private settle(): boolean {
    const through = this.opened.find(({ letsThrough }) => letsThrough);
    const best = through ?? this.opened.find(({ link }) => link.isConnected());
    if (this.closing.signal.aborted) return false;
    const hasMoved = best !== undefined && best !== this.current;
    if (best !== undefined) this.current = best;
    for (const { name } of this.options.doors) this.note(name);
    if (through !== undefined) this.closeBehind(through);
    if (!hasMoved) return false;
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
    const connected = this.opened.filter(({ link }) => link.isConnected());
    return connected.find((it) => it.letsThrough || it.isDue) ?? connected[0];
  }

  /** Keeps how a door stands now, and says when its hub has gone. */
  private note(name: string): void {
    const before = this.known.get(name);
    const now = this.report(name);
    this.known.set(name, now);
    if (now.state !== before?.state && now.state === 'silent')
      this.options.log.warn({ door: name, reason: now.lastFailure?.reason }, 'hub does not answer');
  }

  private report(name: string): DoorReport {
    const open = this.opened.find((it) => it.name === name);
    const before = this.known.get(name);
    const state = stateOf(open, this.current);
    const since = before?.state === state ? before.since : this.options.clock.iso();
    const lastFailure = open?.lastFailure ?? before?.lastFailure;
    return { name, state, since, ...(lastFailure !== undefined && { lastFailure }) };
  }
}

function stateOf(open: OpenDoor | undefined, current: OpenDoor | undefined): DoorReport['state'] {
  if (open === undefined) return 'closed';
  if (!open.link.isConnected()) return 'not-connected';
  if (!open.letsThrough) return 'silent';
  return open === current ? 'in-use' : 'connected';
}
