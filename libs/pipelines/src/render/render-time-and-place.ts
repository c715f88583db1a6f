import type { ProcessorOf } from '../spec/pipeline-spec.js';
import type { Settings } from './collector-config.js';

export function holding({ seconds, pass }: ProcessorOf<'interval'>): Settings {
  return {
    interval: `${seconds}s`,
    pass_through: { gauge: pass.includes('gauges'), summary: pass.includes('summaries') },
  };
}

/** The name of the host comes from the kernel: by default the collector would ask the name service first. */
export function detecting({ detectors, override }: ProcessorOf<'resourceDetection'>): Settings {
  return {
    detectors: [...detectors],
    override,
    timeout: '5s',
    ...(detectors.includes('system') && { system: { hostname_sources: ['os'] } }),
  };
}
