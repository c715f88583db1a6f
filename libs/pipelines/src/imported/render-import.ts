import { PipelineError } from '../findings.js';
import type { HostIdentity } from '../render/render-processors.js';
import { importHash, rhythm, type RenderedPipeline } from '../render/rendered-pipeline.js';
import { renderYaml } from '../variables/render-yaml.js';
import { keptOf, readForeign } from './foreign.js';
import { errorsOf, importFindings } from './import-findings.js';
import { heldSeconds, slowestOf } from './intervals.js';

export type ImportRequest = { readonly yaml: string; readonly host: HostIdentity };

/** Most bytes of a configuration as JSON, which escapes: two of them fit one order. */
export const MOST_IMPORT_BYTES = 400 * 1024;
/** Hosts of one fleet mostly get the same text, and a gateway asks for it again and again. */
const REMEMBERED = 32;
const remembered = new Map<string, RenderedPipeline>();

/**
 * A host's own configuration as it is shipped to one host: the very text but for its variables; the agent completes
 * it. Nothing is looked up and nothing is run.
 * @throws PipelineError `invalid-specification` when no host, or not this one, could run it
 */
export function renderImport({ host, yaml }: ImportRequest): RenderedPipeline {
  const text = renderYaml(yaml, host);
  const known = remembered.get(text) ?? rendered(text);
  // Put at the end, so that the one that was asked for the longest ago is forgotten first.
  remembered.delete(text);
  remembered.set(text, known);
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  return known;
}

function rendered(yaml: string): RenderedPipeline {
  requireShippable(yaml);
  const errors = errorsOf(importFindings(yaml, 'baseline'));
  if (errors.length > 0) throw new PipelineError('invalid-specification', errors);
  const kept = keptOf(readForeign(yaml));
  const intervalSeconds = Math.ceil(slowestOf(kept));
  return {
    templateId: 'imported',
    yaml,
    imported: true,
    ...rhythm(intervalSeconds, Math.ceil(heldSeconds(kept))),
    hash: importHash(yaml),
  };
}

/** A configuration of one host has to fit what brings it there. @throws PipelineError `invalid-specification` */
export function requireShippable(yaml: string): void {
  if (bytesAsJson(yaml) <= MOST_IMPORT_BYTES) return;
  const message = `For this host it comes to more than ${MOST_IMPORT_BYTES / 1024} KiB as JSON.`;
  throw new PipelineError('invalid-specification', [
    { rule: 'text-too-long', severity: 'error', path: '', message, fix: 'Make it smaller.' },
  ]);
}

/** How many bytes a text takes in a message. */
export function bytesAsJson(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
