import { z } from 'zod';
import { attributeText, name, nameSelection } from './naming.js';

const processClass = z.strictObject({ name: attributeText.min(1), executables: nameSelection }).readonly();

/** What the classification reads must not be what it writes. */
const readAttributes: readonly string[] = ['process.pid', 'process.parent_pid', 'process.executable.name'];

/**
 * Writes the class of each process, such as a tier, into an attribute of its resource. The first of `classes` that
 * names the executable counts, then, with `builtIn`, the classes by which processes are also merged, then `otherwise`.
 * Before all of them, with `critical`, stands the class of the executables that the experiment calls critical.
 * Resources that are no processes are left alone.
 */
export const classifyProcesses = z
  .strictObject({
    kind: z.literal('classifyProcesses'),
    attribute: name.refine((key) => !readAttributes.includes(key), 'is read to classify processes'),
    /** The name of the class of critical executables. */
    critical: attributeText.min(1).optional(),
    classes: z.array(processClass).max(50).readonly(),
    builtIn: z.boolean(),
    otherwise: attributeText.min(1),
  })
  .readonly();

/**
 * Turns cumulative counters and histograms into their growth since the point before. The first point of a series
 * counts only where the series began after the pipeline did; points that fell are left out, except that a histogram
 * of fewer events than before begins anew. Minima and maxima of histograms go. Series that are silent for ten minutes
 * are forgotten.
 */
export const cumulativeToDelta = z
  .strictObject({
    kind: z.literal('cumulativeToDelta'),
    /** The metrics that are converted; without it, every counter and histogram. */
    metrics: nameSelection.optional(),
  })
  .readonly();
