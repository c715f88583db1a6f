import { arch, cpus, platform, release, totalmem } from 'node:os';
import type { CollectorOffer, Inventory } from '#lib/agent-protocol';
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

/** The collector that this host would run; the built-in one, of the agent's own version, where none was found. */
export function collectorOf(
  found: { readonly version: string } | undefined,
  offers?: CollectorOffer,
): Inventory['collector'] {
  if (found === undefined) return { kind: 'builtin', version: AGENT_VERSION };
  return { kind: 'otelcol', version: found.version, ...(offers !== undefined && { offers }) };
}
