import type { HostEvent, RunningCollector } from '#lib/events';

/** `enrolled`: has a credential and was never heard of since. `suspect`: heartbeats are missing, still reachable perhaps. */
export const hostPhases = ['enrolled', 'online', 'suspect', 'offline', 'revoked'] as const;
export type HostPhase = (typeof hostPhases)[number];

/** Outcome of the newest order that the host told about; generation 0 before the first. */
export type HostConfiguration = {
  readonly generation: number;
  readonly outcome: 'none' | 'applied' | 'failed' | 'fell-back';
  readonly reason?: string;
  /** What runs on the host as far as it has told. */
  readonly collectors: readonly RunningCollector[];
};

/** A rotation under way. */
export type HostRotation = {
  readonly requestedAt: string;
  /** Public keys that may be signed, oldest first: one, unless the host lost the first before it used it. */
  readonly issued: readonly string[];
};

export type HostState = { readonly phase: 'absent' } | EnrolledHost;

export type EnrolledHost = {
  readonly phase: HostPhase;
  readonly hostname: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly site?: string | undefined;
  readonly publicKey: string;
  /** Absent while nobody has asked for a new credential. */
  readonly rotation?: HostRotation;
  /** As the host told it last. */
  readonly inventory: Extract<HostEvent, { type: 'HostEnrolled' }>['data']['inventory'];
  /** Of the last time that the host was online. */
  readonly bootId?: string;
  readonly agentVersion?: string;
  readonly configuration: HostConfiguration;
};
