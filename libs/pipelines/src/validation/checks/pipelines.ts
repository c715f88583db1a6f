import type { Check } from '../check.js';
import { pipelineRoles, type Pipeline } from '../model/model.js';
import { problem, type Place, type Problem } from '../problem.js';
import { entryOf, type MapValue } from '../read/tree.js';
import { didYouMean } from '../../suggest.js';

const signals = ['metrics', 'logs', 'traces'];

/** There are pipelines, each named after its signal, with a way in and a way out and no processor twice. */
export const pipelines: Check = ({ root, service, pipelines: all }) => {
  if (all.length === 0) return [missing(root, service)];
  return all.flatMap((pipeline) => [
    ...(signals.includes(pipeline.signal) ? [] : [misnamed(pipeline)]),
    ...incomplete(pipeline),
    ...repeated(pipeline),
  ]);
};

function missing(root: MapValue, service: MapValue | undefined): Problem {
  const entry = entryOf(root, 'service');
  const place: Place = { path: 'service', offset: entry?.offset ?? root.offset };
  if (service === undefined)
    return problem('pipelines-missing', place, 'There is no service.', 'Add service.pipelines.');
  const message = 'The service has no pipelines, so nothing runs.';
  return problem('pipelines-missing', place, message, 'Add pipelines to the service.');
}

function misnamed({ signal, place }: Pipeline): Problem {
  const message =
    'A pipeline is named metrics, logs or traces, with a name after a slash where there are several.';
  return problem('pipeline-id', place, message, () => didYouMean(signal, signals));
}

function incomplete(pipeline: Pipeline): readonly Problem[] {
  return pipelineRoles
    .filter((role) => role !== 'processors' && pipeline[role].length === 0)
    .map((role) => {
      const message = `The pipeline has no ${role}.`;
      return problem('pipeline-incomplete', pipeline.place, message, `Name at least one under ${role}.`);
    });
}

function repeated({ processors }: Pipeline): readonly Problem[] {
  const seen = new Set<string>();
  return processors
    .filter(({ id }) => seen.size === seen.add(id).size)
    .map(({ place }) => {
      const message = 'The pipeline names this processor a second time.';
      return problem('duplicate-reference', place, message, 'Name it once, or define another of its type.');
    });
}
