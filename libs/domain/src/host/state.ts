import type { RunningCollector } from '#lib/events';

/** `enrolled`: has a credential and was never heard of since. */
export const hostPhases = ['enrolled', 'online', 'offline', 'revoked'] as const;
export type HostPhase = (typeof hostPhases)[number];

/** Outcome of the newest order that the host told about; generation 0 before the first. */
export type HostConfiguration = {
  readonly generation: number;
  readonly outcome: 'none' | 'applied' | 'failed' | 'fell-back';
  readonly reason?: string;
  /** What runs on the host as far as it has told. */
  readonly collectors: readonly RunningCollector[];
};

export type HostState = { readonly phase: 'absent' } | EnrolledHost;

export type EnrolledHost = {
  readonly phase: HostPhase;
  readonly hostname: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly site?: string | undefined;
  readonly publicKey: string;
  /** Of the last time that the host was online. */
  readonly bootId?: string;
  readonly agentVersion?: string;
  readonly configuration: HostConfiguration;
};
