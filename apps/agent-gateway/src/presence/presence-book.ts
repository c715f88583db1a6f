import { HEARTBEAT_SECONDS, OFFLINE_AFTER_SECONDS, type Heartbeat } from '#lib/agent-protocol';
import type { HostId, TenantId } from '#lib/events';

/** A change from online to offline or back. */
export type Transition =
  | {
      readonly kind: 'online';
      readonly host: HostKey;
      readonly bootId: string;
      readonly agentVersion: string;
    }
  | { readonly kind: 'offline'; readonly host: HostKey; readonly lastHeartbeatAt: number };

export interface HostKey {
  readonly tenant: TenantId;
  readonly host: HostId;
}

export interface Sighting extends HostKey {
  /** When the gateway heard it, ms; the host's own clock is not trusted. */
  readonly heardAt: number;
  readonly heartbeat: Heartbeat;
}

interface Entry {
  readonly host: HostKey;
  online: boolean;
  lastHeard: number;
}

const OFFLINE_AFTER_MS = OFFLINE_AFTER_SECONDS * 1000;

/** Timers over heartbeats; only transitions leave it. Pure: the caller brings the time. */
export class PresenceBook {
  private readonly entries = new Map<string, Entry>();
  private readonly sightings = new Map<string, Sighting>();

  /** Hosts that were online when this gateway started get one full limit to be heard again. */
  assumeOnline(hosts: Iterable<HostKey>, now: number): void {
    for (const host of hosts) this.entries.set(name(host), { host, online: true, lastHeard: now });
  }

  /** Notes a heartbeat; answers the transition when the host was not online. */
  heard(sighting: Sighting): Transition | undefined {
    const host: HostKey = { tenant: sighting.tenant, host: sighting.host };
    this.sightings.set(name(host), sighting);
    const entry = this.entries.get(name(host));
    this.entries.set(name(host), { host, online: true, lastHeard: sighting.heardAt });
    if (entry?.online === true) return undefined;
    const { bootId, agentVersion } = sighting.heartbeat;
    return { kind: 'online', host, bootId, agentVersion };
  }

  /** Hosts that have been silent for longer than the limit, each once. */
  silent(now: number): readonly Transition[] {
    const gone: Transition[] = [];
    for (const entry of this.entries.values()) {
      if (!entry.online || now - entry.lastHeard <= OFFLINE_AFTER_MS) continue;
      entry.online = false;
      gone.push({ kind: 'offline', host: entry.host, lastHeartbeatAt: entry.lastHeard });
    }
    return gone;
  }

  /** A transition could not be recorded: undo it, so that it is found again. */
  revert(transition: Transition): void {
    const entry = this.entries.get(name(transition.host));
    if (entry !== undefined) entry.online = transition.kind === 'offline';
  }

  isOnline(host: HostKey): boolean {
    return this.entries.get(name(host))?.online === true;
  }

  /** How many hosts are online now. */
  onlineCount(): number {
    let count = 0;
    for (const entry of this.entries.values()) if (entry.online) count += 1;
    return count;
  }

  /** The newest heartbeat of each host heard since the last call. */
  takeSightings(): readonly Sighting[] {
    const taken = [...this.sightings.values()];
    this.sightings.clear();
    return taken;
  }
}

/** Heartbeats are stored at most this often. */
export const STORE_SIGHTINGS_MS = (HEARTBEAT_SECONDS * 1000) / 2;

function name({ tenant, host }: HostKey): string {
  return `${tenant}.${host}`;
}
