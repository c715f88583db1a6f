import { defaultDestination } from '../render/rendered-pipeline.js';
import type { PipelineSpec, Processor } from '../spec/pipeline-spec.js';

const LIMIT_MEBIBYTES = 200;

/**
 * The pipeline that scrapes what another one scrapes and leaves it as it is, for a recording that both can be played
 * from. Only what says which host it is stays; nothing is batched, so a scrape is one request.
 */
export function rawSpec({ processors, source }: PipelineSpec): PipelineSpec {
  const identity = processors.filter(saysWhichHost);
  const limiter: Processor = { kind: 'memoryLimiter', limitMebibytes: LIMIT_MEBIBYTES };
  return {
    source,
    processors: [limiter, ...(identity.length > 0 ? identity : [{ kind: 'identifyHost' } as const])],
    destination: { ref: defaultDestination },
  };
}

function saysWhichHost({ kind }: Processor): boolean {
  return kind === 'identifyHost' || kind === 'resourceDetection';
}
