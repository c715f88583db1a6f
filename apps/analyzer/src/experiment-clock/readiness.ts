import { deadlines, type StartedExperiment } from '#lib/domain';
import { variantNames, type HostId, type Variant } from '#lib/events';
import type { OrderedHashes } from '#lib/metering';
import type { Sighting } from '../shared/sightings.js';

/** A host whose newest window is older than this has fallen silent: three windows and the way they go. */
const FRESH_MS = 45_000;
/** A collector was watched for this part of the window; it takes a moment to open one. */
const COVERED_SHARE = 0.9;

/** What is known of the hosts at one time. */
export type HostEvidence = {
  readonly sighting: (host: HostId) => Sighting | undefined;
  readonly ordered: OrderedHashes;
  /** Ms since the epoch. */
  readonly now: number;
};

/** The target hosts whose newest window does not show both variants as ordered. Pure. */
export function missingHosts(
  experimentId: string,
  state: StartedExperiment,
  evidence: HostEvidence,
): readonly HostId[] {
  return state.run.hosts.filter((host) => !reportsBoth(host, experimentId, state, evidence));
}

function reportsBoth(
  host: HostId,
  experimentId: string,
  { run }: StartedExperiment,
  { sighting, ordered, now }: HostEvidence,
): boolean {
  const seen = sighting(host);
  if (seen === undefined || seen.experimentId !== experimentId) return false;
  // After a resumption, windows from before the pause say nothing.
  const since = Date.parse(run.warmupAt ?? run.startedAt);
  if (seen.end <= since || now - seen.end > FRESH_MS) return false;
  return variantNames.every((variant) => reports(variant, seen, ordered(host, variant)));
}

function reports(
  variant: Variant,
  { start, end, collectors }: Sighting,
  ordered: ReadonlySet<string>,
): boolean {
  const whole = ((end - start) / 1000) * COVERED_SHARE;
  return collectors.some(
    (one) =>
      one.variant === variant &&
      one.coveredSeconds >= whole &&
      (ordered.size === 0 || ordered.has(one.configHash)),
  );
}

/** When a running experiment is to be concluded (ms since the epoch). */
export function conclusionAt(state: StartedExperiment): number {
  return deadlines(state).maximumEnd ?? Infinity;
}
