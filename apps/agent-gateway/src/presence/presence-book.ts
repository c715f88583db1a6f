import {
  HEARTBEAT_SECONDS,
  OFFLINE_AFTER_SECONDS,
  SUSPECT_AFTER_SECONDS,
  type Heartbeat,
} from '#lib/agent-protocol';
import type { HostId, TenantId } from '#lib/events';

/** `suspect`: heartbeats are missing. `offline`: for so long that nothing is sent to the host any more. */
export type PresencePhase = 'online' | 'suspect' | 'offline';

/** One run of one agent. */
export interface AgentSession {
  readonly bootId: string;
  readonly agentVersion: string;
}

/** A change of what a host is held for, or of the agent that speaks for it. */
export type Transition = { readonly host: HostKey; readonly before: Standing | undefined } & (
  | ({ readonly kind: 'online' } & AgentSession)
  | { readonly kind: 'suspect' | 'offline'; readonly lastHeartbeatAt: number }
);

export interface HostKey {
  readonly tenant: TenantId;
  readonly host: HostId;
}

export interface Sighting extends HostKey {
  /** When the gateway heard it, ms; the host's own clock is not trusted. */
  readonly heardAt: number;
  readonly heartbeat: Heartbeat;
}

/** What a host is held for. */
export interface Standing {
  readonly phase: PresencePhase;
  readonly session: AgentSession | undefined;
}

interface Entry extends Standing {
  readonly host: HostKey;
  /** When it was last heard and when its session was last noted, ms. */
  readonly lastHeard: number;
  readonly sessionSince: number;
}

const SUSPECT_AFTER_MS = SUSPECT_AFTER_SECONDS * 1000;
const OFFLINE_AFTER_MS = OFFLINE_AFTER_SECONDS * 1000;
/** A host that calls itself another run in each heartbeat is noted no more often than this. */
const SESSION_PACE_MS = 60_000;

/** Timers over heartbeats; only transitions leave it. Pure: the caller brings the time. */
export class PresenceBook {
  private readonly entries = new Map<string, Entry>();
  private readonly sightings = new Map<string, Sighting>();

  /** Hosts as they stood when this gateway started get one full limit to be heard again. */
  assume(hosts: Iterable<HostKey & Standing>, now: number): void {
    for (const { tenant, host, phase, session } of hosts) {
      const entry = { host: { tenant, host }, phase, session, lastHeard: now, sessionSince: now };
      if (!this.entries.has(name(entry.host))) this.entries.set(name(entry.host), entry);
    }
  }

  /** Forgets hosts that another gateway has, or had meanwhile. */
  forget(isOther: (host: HostKey) => boolean): void {
    for (const [key, { host }] of this.entries) if (isOther(host)) this.entries.delete(key);
  }

  /** Notes a heartbeat; answers the transition when the host was not online, or another agent speaks for it. */
  heard(sighting: Sighting): Transition | undefined {
    const host: HostKey = { tenant: sighting.tenant, host: sighting.host };
    const { bootId, agentVersion } = sighting.heartbeat;
    const { heardAt } = sighting;
    this.sightings.set(name(host), sighting);
    const before = this.entries.get(name(host));
    if (before?.phase === 'online' && isNoNews(before, sighting)) {
      this.entries.set(name(host), { ...before, lastHeard: heardAt });
      return undefined;
    }
    const session: AgentSession = { bootId, agentVersion };
    this.entries.set(name(host), {
      host,
      phase: 'online',
      session,
      lastHeard: heardAt,
      sessionSince: heardAt,
    });
    return { kind: 'online', host, before, ...session };
  }

  /** Hosts among `mine` that have been silent for longer than a limit, each limit once. */
  silent(now: number, mine: (host: HostKey) => boolean = () => true): readonly Transition[] {
    const found: Transition[] = [];
    for (const [key, entry] of this.entries) {
      const kind = silenceOf(entry, now);
      if (kind === undefined || !mine(entry.host)) continue;
      this.entries.set(key, { ...entry, phase: kind });
      found.push({ kind, host: entry.host, before: entry, lastHeartbeatAt: entry.lastHeard });
    }
    return found;
  }

  /** A transition could not be recorded: undo it, so that it is found again. */
  revert({ before, host }: Transition): void {
    const entry = this.entries.get(name(host));
    const { phase = 'offline', session } = before ?? {};
    if (entry !== undefined) this.entries.set(name(host), { ...entry, phase, session });
  }

  /** Whether there is use in sending to the host: it is online, or only suspect. */
  isOnline(host: HostKey): boolean {
    return isReachable(this.entries.get(name(host)));
  }

  /** How many hosts are not offline. */
  onlineCount(): number {
    let count = 0;
    for (const entry of this.entries.values()) if (isReachable(entry)) count += 1;
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

function isReachable(entry: Entry | undefined): boolean {
  return entry !== undefined && entry.phase !== 'offline';
}

function isNoNews({ session, sessionSince }: Entry, { heardAt, heartbeat }: Sighting): boolean {
  const isSame = session?.bootId === heartbeat.bootId && session.agentVersion === heartbeat.agentVersion;
  return isSame || heardAt - sessionSince < SESSION_PACE_MS;
}

/** The phase that a host has fallen to by its silence; undefined when it stands where it stood. */
function silenceOf({ phase, lastHeard }: Entry, now: number): 'suspect' | 'offline' | undefined {
  if (phase === 'offline') return undefined;
  if (now - lastHeard > OFFLINE_AFTER_MS) return 'offline';
  return phase === 'online' && now - lastHeard > SUSPECT_AFTER_MS ? 'suspect' : undefined;
}

function name({ tenant, host }: HostKey): string {
  return `${tenant}.${host}`;
}
