import { located } from '#lib/collector-validation';
import { variantNames, type FrozenPipeline, type Variant } from '#lib/events';
import {
  bytesAsJson,
  exampleYaml,
  importFindings,
  MOST_IMPORT_BYTES,
  pairFindings,
  renderYaml,
  requireShippable,
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
  requireOneMessage(pair);
  const single = variantNames.flatMap((variant) => {
    const text = texts[variant];
    if (text === undefined) return [];
    return located(text, importFindings(text, variant)).map((finding) => below(variant, finding));
  });
  return [...single, ...pairFindings(texts, criticalProcesses)];
}

/** Both as they are frozen: the event that holds them is one message. @throws ProblemError `content-too-large` */
function requireOneMessage(pair: FrozenPair): void {
  const sizes = variantNames.map((variant) => {
    const frozen = pair[variant];
    return frozen !== undefined && 'yaml' in frozen ? bytesAsJson(frozen.yaml) : 0;
  });
  if (sizes.reduce((sum, size) => sum + size) <= MOST_IMPORT_BYTES) return;
  throw refusal(
    'content-too-large',
    `Both configurations together are larger than ${MOST_IMPORT_BYTES / 1024} KiB as JSON, which is more than one order carries.`,
    'Leave out what is no metrics pipeline.',
  );
}

/** What the hosts lack for variables to mean something, and where that comes to too much, told for the first few hosts and pipelines. */
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
    if ('yaml' in frozen) requireShippable(renderYaml(frozen.yaml, host));
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
