import { z } from 'zod';
import type { ProcessorOf } from '../spec/pipeline-spec.js';
import { renderMerge } from './render-merge.js';

/** A merging as a rendering holds it, and the ids of the components that stand for it. */
export type ReadMerge = {
  readonly processor: ProcessorOf<'mergeProcesses'>;
  readonly components: ReadonlySet<string>;
};

/**
 * Reads a merging back from the processors of a rendering; critical executables are among those it keeps.
 * What is found is rendered again and must give the same settings in the same order, so that a chain of another
 * hand or another version, which may mean something else, is never taken for ours: `undefined` then.
 */
export function readMerge(processors: Readonly<Record<string, unknown>>): ReadMerge | undefined {
  const keep = keptExecutables(processors['transform/mark']);
  if (keep === undefined) return undefined;
  for (const by of ['executable', 'class'] as const) {
    const processor = { kind: 'mergeProcesses', by, keep } as const;
    const written = renderMerge(processor, []).map(({ id, settings }) => [id, settings] as const);
    const components = new Set(written.map(([id]) => id));
    const found = Object.entries(processors).filter(([id]) => components.has(id));
    if (JSON.stringify(found) === JSON.stringify(written)) return { processor, components };
  }
  return undefined;
}

const marking = z.object({
  metric_statements: z.tuple([z.object({ conditions: z.tuple([z.string()]) })]),
});

/** Comparisons with an executable name; a name that looks like one stands in quotes and is passed over whole. */
const keptName = /resource\.attributes\["process\.executable\.name"\] == ("(?:[^"\\]|\\.)*")/g;

function keptExecutables(mark: unknown): readonly string[] | undefined {
  const parsed = marking.safeParse(mark);
  if (!parsed.success) return undefined;
  const [condition] = parsed.data.metric_statements[0].conditions;
  return [...condition.matchAll(keptName)].map(([, text]) => unquote(text ?? '""'));
}

/** The inverse of `literal`. */
function unquote(text: string): string {
  return JSON.parse(text.replaceAll('$$', '$')) as string;
}
