import type { HostPresence, HostRecords } from '#lib/database';
import type { HostFigures } from '../../shared/views/host-debug.view.js';

/** Everything that a host is judged by. */
export interface HostFacts {
  /** Ms since the epoch. */
  readonly now: number;
  readonly records: HostRecords;
  /** Generation of the desired state in WANT; null when nothing was ever ordered, a sentence when it cannot be read. */
  readonly desired: number | null | string;
}

/** Numbers as they were told; null where nobody has told. */
export function figuresOf({ now, records, desired }: HostFacts): HostFigures {
  const { presence, effective } = records;
  return {
    ...(presence === null ? untoldVitals : vitalsOf(presence, now)),
    desiredGeneration: typeof desired === 'number' ? desired : null,
    effectiveGeneration: effective?.generation ?? null,
  };
}

const untoldVitals = {
  heartbeatAgeMs: null,
  clockSkewMs: null,
  rttMs: null,
  outboxResults: null,
  outboxMetrics: null,
  dropped: null,
  acceptedGeneration: null,
} as const;

function vitalsOf(presence: HostPresence, now: number): Record<keyof typeof untoldVitals, number | null> {
  const { sentAt, outboxResults, outboxMetrics } = presence;
  const heardAt = Date.parse(presence.lastHeartbeatAt);
  return {
    heartbeatAgeMs: Math.max(0, now - heardAt),
    clockSkewMs: sentAt === null ? null : Date.parse(sentAt) - heardAt,
    rttMs: presence.linkRttMs,
    outboxResults,
    outboxMetrics,
    dropped: presence.outboxDropped,
    acceptedGeneration: presence.generation,
  };
}

/** A length of time in words, such as `12 s` or `3.5 h`. */
export function spanText(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ] as const;
  const [length, unit] = units.find(([size]) => Math.abs(ms) >= size * 2) ?? [1, 'ms'];
  const value = ms / length;
  return `${Number(value.toFixed(length > 1_000 && Math.abs(value) < 10 ? 1 : 0))} ${unit}`;
}
