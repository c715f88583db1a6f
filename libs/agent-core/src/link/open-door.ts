import type { Clock } from '../clock.js';
import { AgentError, reasonOf } from '../errors.js';
import type { PublishAcked } from '../outbox/drain-lane.js';
import type { Link, LinkFailure } from './door.js';

/** Messages in a row without an answer after which a door that seems open counts as blocked: its hub is away. */
const UNANSWERED = 3;
/** A door that nothing was sent through for so long is asked whether its hub still answers. */
const QUIET_MS = 10_000;
/** After the first miss it is asked again sooner: a hub that is away is known within half a minute. */
const DOUBT_MS = 3_000;
/** A blocked door is asked this often whether its hub is back. */
const BLOCKED_MS = 10_000;

/** One opened door, and whether the hub behind it answers: a leaf stays connected when its own link is down. */
export class OpenDoor {
  private unanswered = 0;
  private isAsking = false;
  private dueAt: number;
  private missed: LinkFailure | undefined;

  constructor(
    readonly name: string,
    readonly link: Link,
    private readonly clock: Clock,
  ) {
    this.dueAt = clock.now() + QUIET_MS;
  }

  /** Connected, and as far as is known its hub answers. */
  get letsThrough(): boolean {
    return this.link.isConnected() && this.unanswered < UNANSWERED;
  }

  /** True when a blocked door may be tried again. */
  get isDue(): boolean {
    return this.clock.now() >= this.dueAt;
  }

  /** What went wrong last: with the connection, or with the hub behind it. */
  get lastFailure(): LinkFailure | undefined {
    const ofLink = this.link.lastFailure();
    if (ofLink === undefined || this.missed === undefined) return ofLink ?? this.missed;
    return ofLink.at > this.missed.at ? ofLink : this.missed;
  }

  /** A new connection may lead to a hub that answers again. */
  connected(): void {
    this.answered();
  }

  /** As the link's, and remembers whether the hub answered. A hub that refuses has answered. */
  readonly publishAcked: PublishAcked = async (...message) => {
    if (!this.letsThrough) this.dueAt = this.clock.now() + BLOCKED_MS;
    await this.watched(() => this.link.publishAcked(...message));
  };

  /** Asks the hub for a sign of life when none came for a while. Resolves when that is known, never throws. */
  async ask(subject: string): Promise<void> {
    if (this.isAsking || !this.isDue || !this.link.isConnected()) return;
    this.isAsking = true;
    await this.watched(() => this.link.probe(subject)).catch(() => undefined);
    this.isAsking = false;
  }

  private async watched(send: () => Promise<void>): Promise<void> {
    try {
      await send();
    } catch (error) {
      if (error instanceof AgentError && error.code === 'hub-refused') this.answered();
      else this.missedOne(error);
      throw error;
    }
    this.answered();
  }

  private answered(): void {
    this.unanswered = 0;
    this.dueAt = this.clock.now() + QUIET_MS;
  }

  private missedOne(error: unknown): void {
    this.unanswered += 1;
    this.missed = { at: this.clock.iso(), reason: `its hub does not answer: ${reasonOf(error)}` };
    this.dueAt = this.clock.now() + (this.letsThrough ? DOUBT_MS : BLOCKED_MS);
  }
}
