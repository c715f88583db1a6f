import {
  connectNats,
  RevocationNotApplied,
  revokeHosts,
  type Clock,
  type Nats,
  type Revoker,
} from '#lib/platform';
import type { FleetBook } from '../shared/fleet-book.js';

export interface RevocationParts {
  readonly book: Pick<FleetBook, 'retiredKeys'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly revoker: Revoker & { readonly systemCreds: string };
  readonly natsUrl: string;
}

/** Two gateways that write the account at once can undo each other, so the hub is compared with the log this often. */
const COMPARE_MS = 30_000;

/**
 * Takes back at the hub what the log says is no longer valid: credentials of revoked hosts, and those that a newer one
 * has replaced. The hub refuses them from then on and closes their connections, also those behind a leaf.
 */
export class RevocationService {
  private readonly done = new Set<string>();
  private comparedAt = 0;
  private system: Nats | undefined;
  /** Why the last attempt failed; undefined when the hub knows all that the log says. */
  trouble: string | undefined;

  constructor(private readonly parts: RevocationParts) {}

  /** Safe to call at any time and any number of times. @throws RevocationNotApplied, errors of the link */
  async sweep(): Promise<void> {
    const { book, clock, revoker } = this.parts;
    const isTimeToCompare = clock.now() - this.comparedAt >= COMPARE_MS;
    const keys = [...book.retiredKeys()].filter((key) => isTimeToCompare || !this.done.has(key));
    if (keys.length === 0) return;
    try {
      const at = new Date(clock.now());
      await revokeHosts(
        (await this.connection()).connection,
        revoker,
        keys.map((userPublicKey) => ({ userPublicKey, at })),
      );
    } catch (error) {
      this.trouble = error instanceof RevocationNotApplied ? error.message : String(error);
      throw error;
    }
    this.trouble = undefined;
    for (const key of keys) this.done.add(key);
    if (isTimeToCompare) this.comparedAt = clock.now();
  }

  async close(): Promise<void> {
    await this.system?.drain();
  }

  private async connection(): Promise<Nats> {
    const { natsUrl, revoker } = this.parts;
    this.system ??= await connectNats({
      url: natsUrl,
      name: 'agent-gateway revocation',
      credsFile: revoker.systemCreds,
    });
    return this.system;
  }
}
