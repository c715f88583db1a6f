import {
  rotationProofText,
  type HandOverReply,
  type NamedCredential,
  type RotateCredential,
} from '#lib/agent-protocol';
import type { HostCredentialStore } from '#lib/database';
import { hostDecider, type HostCommand, type HostRotation } from '#lib/domain';
import type { AggregateId, HostId, TenantId } from '#lib/events';
import {
  commandIdFrom,
  isSignedBy,
  signHostKey,
  type Clock,
  type HandlesCommands,
  type HostMint,
} from '#lib/platform';
import { key, type FleetBook, type KnownHost } from '../shared/fleet-book.js';

/** How a host is reached, and whether there is use in it. */
export interface HostReach {
  isOnline(tenant: TenantId, host: HostId): boolean;
  offer(tenant: TenantId, host: HostId, task: RotateCredential): Promise<HandOverReply | undefined>;
}

export interface RotationParts {
  readonly book: Pick<FleetBook, 'allHosts'>;
  readonly credentials: Pick<HostCredentialStore, 'propose' | 'replace'>;
  readonly commands: HandlesCommands;
  readonly clock: Clock;
  readonly mint: HostMint;
  readonly reach: HostReach;
  readonly warn: (host: HostId, line: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** An agent that does not take the task, such as one before it, is asked again this much later. */
const REFUSED_PAUSE_MS = 60_000;

type Rotating = Pick<KnownHost, 'tenant' | 'id'> & { readonly rotation: HostRotation };

/**
 * Gets hosts a new credential when a person wants it. Everything that matters is in the log and in the replies of the
 * host, which repeat themselves: a gateway that starts anew, or a second one, goes on where the last one was.
 */
export class RotationDesk {
  /** The key that a host named last. */
  private readonly named = new Map<string, string>();
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly notBefore = new Map<string, number>();

  constructor(private readonly parts: RotationParts) {}

  /** Takes each rotation one step further. Resolves at once; what fails is tried again by the next sweep. */
  sweep(): Promise<void> {
    for (const { tenant, id, state } of this.parts.book.allHosts()) {
      if (state.phase === 'absent' || state.phase === 'revoked' || state.rotation === undefined) continue;
      const name = key(tenant, id);
      if (this.underWay.has(name) || !this.isTime(name) || !this.parts.reach.isOnline(tenant, id)) continue;
      const { rotation } = state;
      const step = this.advance({ tenant, id, rotation })
        .catch((error: unknown) => this.parts.warn(id, 'rotation waits', { err: error }))
        .finally(() => this.underWay.delete(name));
      this.underWay.set(name, step);
    }
    return Promise.resolve();
  }

  async whenIdle(): Promise<void> {
    await Promise.all(this.underWay.values());
  }

  private isTime(name: string): boolean {
    return this.parts.clock.now() >= (this.notBefore.get(name) ?? 0);
  }

  private async advance(host: Rotating): Promise<void> {
    const { tenant, id } = host;
    const reply = await this.parts.reach.offer(tenant, id, await this.taskFor(host));
    if (reply === undefined) return;
    if (reply.credential !== undefined) return this.take(host, reply.taskId, reply.credential);
    this.notBefore.set(key(tenant, id), this.parts.clock.now() + REFUSED_PAUSE_MS);
    this.parts.warn(id, 'host takes no new credential', { status: reply.status, reason: reply.reason });
  }

  /** Signs no key but one that the log knows: each can be taken back. */
  private async taskFor({ tenant, id, rotation }: Rotating): Promise<RotateCredential> {
    const task = { kind: 'RotateCredential', taskId: taskIdOf(rotation) } as const;
    const publicKey = this.named.get(key(tenant, id));
    if (publicKey === undefined || !rotation.issued.includes(publicKey)) return task;
    const jwt = await signHostKey(this.parts.mint, { tenant, host: id }, publicKey);
    return { ...task, signed: { publicKey, jwt } };
  }

  private async take(host: Rotating, taskId: string, credential: NamedCredential): Promise<void> {
    const { tenant, id, rotation } = host;
    const { proof, publicKey, secretHash } = credential;
    const at = this.parts.clock.iso();
    if (proof === undefined) {
      this.named.set(key(tenant, id), publicKey);
      await this.parts.credentials.propose(tenant, id, secretHash);
      await this.tell(host, { type: 'IssueHostCredential', at, publicKey });
      return;
    }
    const isProven = isSignedBy(publicKey, rotationProofText(taskId, credential), proof);
    if (!isProven || !rotation.issued.includes(publicKey)) {
      this.parts.warn(id, 'proof of a credential is none', { publicKey });
      return;
    }
    // The event comes last: until then all of this is repeated.
    await this.parts.credentials.replace({
      tenant,
      host: id,
      secretHash,
      nextSecretHash: null,
      issuedAt: at,
    });
    await this.tell(host, { type: 'RotateHostCredential', at, publicKey });
    this.named.delete(key(tenant, id));
  }

  private async tell(
    { tenant, id, rotation }: Rotating,
    command: Extract<HostCommand, { type: 'IssueHostCredential' | 'RotateHostCredential' }>,
  ): Promise<void> {
    const ref = { tenant, aggregate: 'host', id: id as string as AggregateId } as const;
    await this.parts.commands.handle(hostDecider, ref, command, {
      commandId: commandIdFrom(command.type, tenant, id, command.publicKey, rotation.requestedAt),
      actor: { kind: 'host', id },
    });
  }
}

/** One task for each rotation that was asked for, whichever gateway offers it. */
function taskIdOf({ requestedAt }: HostRotation): string {
  return `rotate-${Date.parse(requestedAt)}`;
}
