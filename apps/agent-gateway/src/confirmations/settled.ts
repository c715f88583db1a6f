import { desiredCollectors, type ExperimentCommand, type StartedExperiment } from '#lib/domain';
import type { HostId, RunningCollector } from '#lib/events';

/** What is known of one target host. */
export interface TargetHost {
  readonly id: HostId;
  /** Whether an order would reach it. */
  readonly online: boolean;
  /** What it has told to run, and for which generation. */
  readonly running: readonly RunningCollector[];
  /** What it was told to run. */
  readonly wanted: readonly RunningCollector[];
}

/** Phases that wait for hosts, and the command that ends the waiting. */
const confirmations = {
  promoting: 'ConfirmPromotion',
  rolling_back: 'ConfirmRollback',
  stopping: 'ConfirmStop',
} as const;

/** True while the experiment waits for its hosts. */
export function awaitsHosts({ phase }: StartedExperiment): boolean {
  return phase in confirmations;
}

/**
 * The command that confirms a change on every reachable host, or undefined while one of them still runs something
 * else. Hosts that are offline do not hold the others up; they get the same desired state when they come back.
 */
export function confirmationOf(
  state: StartedExperiment,
  hosts: readonly TargetHost[],
  at: string,
): ExperimentCommand | undefined {
  if (!awaitsHosts(state)) return undefined;
  const type = confirmations[state.phase as keyof typeof confirmations];
  const variants = desiredCollectors(state).map(({ variant }) => variant);
  const settled = hosts.every((host) => !host.online || runsExactly(host, variants));
  return settled ? { type, at } : undefined;
}

function runsExactly(host: TargetHost, variants: readonly RunningCollector['variant'][]): boolean {
  const text = (collectors: readonly RunningCollector[]): string =>
    collectors
      .map(({ variant, configHash }) => `${variant}:${configHash}`)
      .sort()
      .join(' ');
  const wantedNow =
    host.wanted.length === variants.length && host.wanted.every((c) => variants.includes(c.variant));
  return wantedNow && text(host.running) === text(host.wanted);
}
