import { arch, cpus, platform, release, totalmem } from 'node:os';
import type { Inventory } from '#lib/agent-protocol';

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
