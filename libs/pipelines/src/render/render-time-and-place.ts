import type { ProcessorOf } from '../spec/pipeline-spec.js';
import { systemAttributes, systemDefaults, type SystemAttribute } from '../spec/resource-detection.js';
import type { Settings } from './collector-config.js';

export function holding({ seconds, pass }: ProcessorOf<'interval'>): Settings {
  return {
    interval: `${seconds}s`,
    pass_through: { gauge: pass.includes('gauges'), summary: pass.includes('summaries') },
  };
}

/**
 * The stock component, for collectors without an agent; an agent puts what it knows in its place. The name of the
 * host comes from the kernel: by default the collector would ask the name service first.
 */
export function detecting({ detectors, override, system }: ProcessorOf<'resourceDetection'>): Settings {
  return {
    detectors: [...detectors],
    override,
    timeout: '5s',
    ...(detectors.includes('system') && { system: { hostname_sources: ['os'], ...switched(system) } }),
  };
}

function switched(wanted: readonly SystemAttribute[] = systemDefaults): Settings {
  const changed = systemAttributes
    .map((name) => ({ name, enabled: wanted.includes(name) }))
    .filter(({ name, enabled }) => enabled !== systemDefaults.includes(name))
    .map(({ name, enabled }) => [name, { enabled }] as const);
  return changed.length === 0 ? {} : { resource_attributes: Object.fromEntries(changed) };
}
