import {
  renderForHost,
  renderImported,
  scrapeDelay,
  scrapeDelayEnv,
  type HostBinding,
  type RenderedPipeline,
} from '#lib/pipelines';
import { refusalOf, valuesFor, type Permits } from './permits.js';

/** A collector's configuration on this host, and the variables that it takes when it starts at a moment. */
export type HostConfig = {
  readonly yaml: string;
  readonly environment: (now: number) => Readonly<Record<string, string>>;
};

/**
 * Completes what was ordered with what only the host knows.
 * @throws PipelineError, or Error in a sentence where the host does not permit what an import reads
 */
export function hostConfig(rendered: RenderedPipeline, binding: HostBinding, permits: Permits): HostConfig {
  if (rendered.imported !== true)
    return {
      yaml: renderForHost(rendered, binding),
      environment: (now) => ({ [scrapeDelayEnv]: scrapeDelay(now, rendered.intervalSeconds) }),
    };
  const { delays, references, yaml } = renderImported(rendered.yaml, binding);
  const refusal = refusalOf(references, permits);
  if (refusal !== undefined) throw new Error(refusal);
  return {
    yaml,
    environment: (now) => ({
      ...valuesFor(references, permits),
      ...Object.fromEntries(
        Object.entries(delays).map(([name, seconds]) => [name, scrapeDelay(now, seconds)]),
      ),
    }),
  };
}
