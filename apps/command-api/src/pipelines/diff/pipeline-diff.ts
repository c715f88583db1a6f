import { createTwoFilesPatch } from 'diff';
import { parse } from 'yaml';
import type { HostView } from '#lib/database';
import type { PipelineContent } from '#lib/events';
import {
  hasHostVariables,
  PipelineError,
  renderStored,
  renderYaml,
  specOf,
  storedSource,
  type HostIdentity,
} from '#lib/pipelines';
import { invalidContent } from '../../shared/http/edge-error.js';
import type { PipelineDiff, PipelineVersion } from '../../shared/views/pipeline.view.js';
import { structuralDiff } from './structural-diff.js';

/** More lines than this that differ are not compared line by line: it would take seconds. */
const MOST_EDITS = 4_000;
/** What was stored has passed the validator, whose limit is on what aliases come to. */
const MOST_ALIASES = 1_000;
/** Stands for any host where none is named. */
const EXAMPLE: HostIdentity = { id: 'example-host', labels: {} };

/** Both versions with what they say. */
export interface Compared {
  readonly from: PipelineVersion & { readonly content: PipelineContent };
  readonly to: PipelineVersion & { readonly content: PipelineContent };
}

/** How two versions differ: what they say, and what it comes to on a host. @throws ProblemError when one cannot be rendered */
export function pipelineDiff({ from, to }: Compared, host?: Pick<HostView, 'id' | 'labels'>): PipelineDiff {
  const texts = [from, to].map(({ content }) => textFor(content, host ?? EXAMPLE)) as [string, string];
  return {
    pipelineId: to.pipelineId,
    from: from.version,
    to: to.version,
    equal: from.contentHash === to.contentHash,
    specification: specificationDiff(from.content, to.content),
    rendered: {
      host: host?.id ?? null,
      ...textDiff([`version ${from.version}`, `version ${to.version}`], texts),
    },
  };
}

function specificationDiff(from: PipelineContent, to: PipelineContent): PipelineDiff['specification'] {
  if ('yaml' in from !== 'yaml' in to)
    return { noData: true, reason: 'One is a specification and the other a configuration of a host.' };
  return { changes: [...structuralDiff(treeOf(from), treeOf(to))] };
}

function treeOf(content: PipelineContent): unknown {
  // What has variables is no specification before they are put in, and is compared as it was written.
  if ('spec' in content && hasHostVariables(content.spec)) return content.spec;
  if (!('yaml' in content)) return specOf(storedSource(content));
  // JSON has no word for .inf and .nan.
  const sayable = (_key: unknown, value: unknown): unknown =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return parse(content.yaml, sayable, { merge: true, maxAliasCount: MOST_ALIASES });
}

function textFor(content: PipelineContent, host: HostIdentity): string {
  try {
    // Whether a host could run it is another question.
    if ('yaml' in content) return renderYaml(content.yaml, host);
    return renderStored(content, { host, criticalProcesses: [] }).yaml;
  } catch (error) {
    if (error instanceof PipelineError) throw invalidContent(content, error.findings);
    throw error;
  }
}

type TextDiff = Omit<PipelineDiff['rendered'], 'host'>;

function textDiff(
  [before, after]: readonly [string, string],
  [from, to]: readonly [string, string],
): TextDiff {
  if (from === to) return { text: '', reason: null };
  const text = createTwoFilesPatch(before, after, from, to, undefined, undefined, {
    maxEditLength: MOST_EDITS,
  });
  if (text !== undefined) return { text, reason: null };
  return { text: null, reason: `More than ${MOST_EDITS} lines differ.` };
}
