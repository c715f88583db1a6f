import { located } from '#lib/collector-validation';
import { variantNames, type FrozenPipeline, type Variant } from '#lib/events';
import {
  exampleYaml,
  importFindings,
  pairFindings,
  renderYaml,
  resolveSpec,
  readSpec,
  hasHostVariables,
  PipelineError,
  type Finding,
  type HostIdentity,
} from '#lib/pipelines';
import { refusal } from '../http/edge-error.js';

/** The pipelines of an experiment or of a preflight, as they would run. */
export type FrozenPair = { readonly [V in Variant]?: FrozenPipeline | undefined };

/** What both may come to as JSON: the event that freezes them, and the order that brings them, are one message each. */
const MOST_BYTES = 400 * 1024;
/** Findings of hosts that are told; the others mostly lack the same. */
const TOLD = 5;
/** Hosts that are looked at before others get their turn. */
const AT_ONCE = 100;

/**
 * What imported configurations make of an experiment before any host is known.
 * @throws ProblemError `content-too-large`
 */
export function runFindings(pair: FrozenPair, criticalProcesses: readonly string[]): readonly Finding[] {
  const texts = { baseline: textOf(pair.baseline), candidate: textOf(pair.candidate) };
  const size = variantNames.reduce(
    (sum, name) => sum + Buffer.byteLength(JSON.stringify(texts[name] ?? '')),
    0,
  );
  if (size > MOST_BYTES)
    throw refusal(
      'content-too-large',
      `Both configurations together are larger than ${MOST_BYTES / 1024} KiB as JSON, which is more than one order carries.`,
      'Leave out what is no metrics pipeline.',
    );
  const single = variantNames.flatMap((variant) => {
    const text = texts[variant];
    if (text === undefined) return [];
    return located(text, importFindings(text, variant)).map((finding) => below(variant, finding));
  });
  return [...single, ...pairFindings(texts, criticalProcesses)];
}

/** What the hosts lack for variables to mean something, told for the first few hosts and pipelines. */
export async function hostFindings(
  pair: FrozenPair,
  hosts: readonly HostIdentity[],
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const variant of variantNames) {
    const frozen = pair[variant];
    if (frozen === undefined || 'template' in frozen) continue;
    if ('spec' in frozen && !hasHostVariables(frozen.spec)) continue;
    for (const [index, host] of hosts.entries()) {
      if (index % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve));
      found.push(...onHost(frozen, host).map((finding) => below(variant, finding)));
      if (found.length >= TOLD) return found.slice(0, TOLD);
    }
  }
  return found;
}

function onHost(
  frozen: Exclude<FrozenPipeline, { template: string }>,
  host: HostIdentity,
): readonly Finding[] {
  try {
    if ('yaml' in frozen) renderYaml(frozen.yaml, host);
    else readSpec(resolveSpec(frozen.spec, host));
    return [];
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    const findings = error.findings.map((one) => ({ ...one, message: `Host ${host.id}: ${one.message}` }));
    return 'yaml' in frozen ? located(frozen.yaml, findings) : findings;
  }
}

function textOf(frozen: FrozenPipeline | undefined): string | undefined {
  return frozen !== undefined && 'yaml' in frozen ? exampleYaml(frozen.yaml) : undefined;
}

function below(variant: Variant, finding: Finding): Finding {
  return { ...finding, path: finding.path === '' ? variant : `${variant}.${finding.path}` };
}
