import { OFFLINE_AFTER_SECONDS, SUSPECT_AFTER_SECONDS, type Door } from '#lib/agent-protocol';
import type { HostPresence } from '#lib/database';
import { bad, noData, ok, unheard, untold, warn, type Check, type Finding } from './check.js';
import { figuresOf, spanText, type HostFacts } from './facts.js';

/** The gateway stores heartbeats in batches, this much after it heard them. */
const STORED_WITHIN_MS = 5_000;
/** A leaf stands on the host or its site. */
const SLOW_LEAF_MS = 250;
/** Windows of a host whose clock is further off fall into wrong minutes. */
const SKEW_WARN_MS = 2_000;
const SKEW_BAD_MS = 30_000;

const doorNames: Readonly<Record<Door, string>> = {
  leaf: 'through its leaf',
  nats: 'directly over NATS',
  'long-poll': 'over HTTP (long-poll)',
};

/** The door in use, and whether anything comes through it. */
export const link: Check = (facts) => {
  const { status, presence, enrolledAt } = facts.records;
  const way = wayOf(presence);
  switch (status) {
    case 'revoked':
      return bad('revoked: its credential is refused', 'Enrol the host again with a new token.');
    case 'enrolled':
      return bad(`enrolled at ${enrolledAt}, never heard of`, LOOK_ON_THE_HOST);
    case 'offline':
      return bad(`offline, last ${way}`, LOOK_ON_THE_HOST);
    case 'suspect':
      return warn(`suspect, heartbeats are missing; last ${way}`, LOOK_ON_THE_HOST);
    case 'online':
      return ok(`online ${way}`);
  }
};

const LOOK_ON_THE_HOST =
  'On the host, run `phoenix-agent doctor`: is the agent running, and does its link reach the hub?';

function wayOf(presence: HostPresence | null): string {
  const door = presence?.door ?? null;
  return door === null ? 'by a door that the agent does not tell' : doorNames[door];
}

/** How long ago the gateway heard the host. */
export const heartbeat: Check = (facts) => {
  const { heartbeatAgeMs: age } = figuresOf(facts);
  if (age === null) return unheard();
  const detail = `the last one ${spanText(age)} ago`;
  if (age <= SUSPECT_AFTER_SECONDS * 1000 + STORED_WITHIN_MS) return ok(detail);
  return age <= OFFLINE_AFTER_SECONDS * 1000 + STORED_WITHIN_MS
    ? warn(detail, LOOK_ON_THE_HOST)
    : bad(detail, LOOK_ON_THE_HOST);
};

/** When the agent connected last, and whether it is the agent that sends the heartbeats. */
export const hello: Check = ({ records: { hello: last, presence } }) => {
  if (last === null) return noData('no hello was kept', 'Restart the agent: it says hello when it connects.');
  const { at, agentVersion, protocol, bootId } = last;
  const detail = `${at}, agent ${agentVersion}, protocol ${protocol}`;
  if (presence === null || presence.bootId === bootId) return ok(detail);
  return warn(
    `${detail}, but heartbeats come from another run of the agent`,
    'Make sure that only one agent uses this credential, then restart it: it says hello when it connects.',
  );
};

/** The leaf between agent and hub, as the agent sees it. What lies behind the leaf it cannot see. */
export const leaf: Check = (facts) => {
  const { presence } = facts.records;
  if (presence === null) return unheard();
  if (presence.door === null) return untold('its door');
  const detail = [presence.linkServer ?? 'a server without a name', roundTrip(presence)].join(', ');
  if (presence.door !== 'leaf') return ok(`none, the agent talks ${doorNames[presence.door]}: ${detail}`);
  return (presence.linkRttMs ?? 0) <= SLOW_LEAF_MS
    ? ok(detail)
    : warn(detail, 'Let the agent talk to a leaf on its own host or site.');
};

function roundTrip({ linkRttMs }: HostPresence): string {
  return linkRttMs === null ? 'round trip not measured yet' : `${spanText(linkRttMs)} there and back`;
}

/** Clock of the agent against clock of the gateway. */
export const clock: Check = (facts) => {
  if (facts.records.presence === null) return unheard();
  const { clockSkewMs: skew } = figuresOf(facts);
  return skew === null ? untold('its time') : judgeSkew(skew);
};

function judgeSkew(skew: number): Finding {
  const detail = `${Math.abs(skew)} ms ${skew < 0 ? 'behind' : 'ahead of'} the gateway at the last heartbeat`;
  const fix = 'Synchronise the clocks of host and gateway (NTP).';
  if (Math.abs(skew) <= SKEW_WARN_MS) return ok(detail);
  return Math.abs(skew) <= SKEW_BAD_MS ? warn(detail, fix) : bad(detail, fix);
}

/** In the order in which a person looks for a fault. */
export const linkChecks = { link, heartbeat, hello, leaf, clock } as const satisfies Record<
  string,
  (facts: HostFacts) => Finding
>;
