import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import type { CollectorOffer, Inventory } from '#lib/agent-protocol';
import type { HostCapacity } from '#lib/pipelines';
import { AGENT_VERSION } from '../version.js';

/** What this host is made of. */
export function inventory(collector: Inventory['collector']): Inventory {
  return {
    os: platform(),
    kernel: release(),
    arch: arch(),
    cpus: cpus().length,
    memoryBytes: totalmem(),
    collector,
  };
}

/** What the load of processes is measured against. */
export function hostCapacity(): HostCapacity {
  return { cores: availableParallelism(), memoryBytes: totalmem() };
}

/** The collector that this host would run; the built-in one, of the agent's own version, where none was found. */
export function collectorOf(
  found: { readonly version: string } | undefined,
  offers?: CollectorOffer,
): Inventory['collector'] {
  if (found === undefined) return { kind: 'builtin', version: AGENT_VERSION };
  return { kind: 'otelcol', version: found.version, ...(offers !== undefined && { offers }) };
}
