import type { Destination } from '#lib/pipelines';

/** One of the customer's backends, as collectors are told of it. */
export type Backend = {
  readonly destination: Extract<Destination, { kind: 'backend' | 'profile' }>;
  /** Secrets by the environment variables that carry them to a collector. */
  readonly environment: Readonly<Record<string, string>>;
  /** Header values by header name, for whoever sends without a collector. */
  readonly headers: Readonly<Record<string, string>>;
};

/** The backends of this host by the references of pipelines. */
export type Backends = ReadonlyMap<string, Backend>;
