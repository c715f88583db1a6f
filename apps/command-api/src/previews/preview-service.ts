import { Injectable } from '@nestjs/common';
import type { TenantId } from '#lib/events';
import {
  hasHostVariables,
  pipelineSpecSchema,
  previewCard,
  specOf,
  validateParameters,
  validateSpec,
  isTemplateId,
  type Finding,
  type PipelineSpec,
  type PreviewPrice,
  type PreviewReport,
} from '#lib/pipelines';
import { Commander } from '../shared/http/commander.js';
import { invalidParameters, refusal } from '../shared/http/edge-error.js';
import { frozenPipeline } from '../shared/http/frozen-pipeline.js';
import { fleetOf } from '../shared/recordings/fleet.dto.js';
import { PreviewWorkers } from '../shared/recordings/preview-workers.js';
import { RecordingStore } from '../shared/recordings/recording-store.js';
import type { PreviewData } from '../shared/recordings/worker.js';
import { priceOf, requireTariff } from './price.js';
import type { PreviewDto, PreviewSourceDto } from './preview.dto.js';

export type PreviewResult = {
  readonly report: PreviewReport;
  readonly price: PreviewPrice | null;
  readonly card: string;
};

/** Answers what a candidate would lose. Stores nothing, and orders nothing from any host. */
@Injectable()
export class PreviewService {
  constructor(
    private readonly commander: Commander,
    private readonly store: RecordingStore,
    private readonly workers: PreviewWorkers,
  ) {}

  /** @throws ProblemError with all findings of both pipelines */
  async preview(dto: PreviewDto, tenant: TenantId, signal: AbortSignal): Promise<PreviewResult> {
    const { criticalProcesses = [], tariff: tariffId } = dto;
    const tariff = tariffId === undefined ? undefined : requireTariff(tariffId);
    const [baseline, candidate] = await Promise.all([
      this.sourceOf('baseline', dto.baseline, tenant),
      this.sourceOf('candidate', dto.candidate, tenant),
    ]);
    if (!('spec' in baseline) || !('spec' in candidate))
      throw invalidParameters([...findingsOf(baseline), ...findingsOf(candidate)]);
    const critical = { criticalProcesses };
    const report = await this.workers.preview(
      {
        baseline: { spec: baseline.spec, ...critical },
        candidate: { spec: candidate.spec, ...critical },
        criticalProcesses,
      },
      await this.dataOf(dto, tenant),
      signal,
    );
    const price = tariff === undefined ? undefined : priceOf(tariff, report);
    return { report, price: price ?? null, card: previewCard(report, price) };
  }

  private async dataOf({ fleet, recording, recordings }: PreviewDto, tenant: TenantId): Promise<PreviewData> {
    if ([fleet, recording, recordings].filter((given) => given !== undefined).length > 1)
      throw refusal('two-sources-of-data', 'A preview is played from a recording or from a fleet, not both.');
    const ids = recordings ?? (recording === undefined ? [] : [recording]);
    if (ids.length === 0) return { fleet: fleetOf(fleet) };
    return { recordings: await Promise.all(ids.map((id) => this.store.read(tenant, id))) };
  }

  private async sourceOf(variant: string, source: PreviewSourceDto, tenant: TenantId): Promise<Source> {
    if (source.kind === 'spec') return ofSpec(variant, source.spec);
    const frozen = await frozenPipeline(this.commander, source, tenant);
    if ('yaml' in frozen)
      throw refusal(
        'pipeline-not-runnable',
        'A preview cannot play an imported configuration: only the real collector knows what it does.',
        'Try it on a host with a preflight.',
      );
    if ('spec' in frozen) return ofSpec(variant, frozen.spec);
    const { parameters, template } = frozen;
    const findings = validateParameters(template, parameters);
    if (findings.length > 0 || !isTemplateId(template)) return { findings: prefixed(variant, findings) };
    return { spec: specOf({ template, parameters }) };
  }
}

type Source = { readonly spec: PipelineSpec } | { readonly findings: readonly Finding[] };

function ofSpec(variant: string, given: unknown): Source {
  if (hasHostVariables(given))
    throw refusal(
      'pipeline-not-runnable',
      'A preview cannot play a specification with host variables: it is another one on each host.',
      'Try it on a host with a preflight.',
    );
  const findings = validateSpec(given).filter(({ severity }) => severity === 'error');
  const parsed = pipelineSpecSchema.safeParse(given);
  if (findings.length === 0 && parsed.success) return { spec: parsed.data };
  return { findings: prefixed(`${variant}.spec`, findings) };
}

function prefixed(path: string, findings: readonly Finding[]): readonly Finding[] {
  return findings.map((finding) => ({ ...finding, path: `${path}.${finding.path}` }));
}

function findingsOf(source: Source): readonly Finding[] {
  return 'findings' in source ? source.findings : [];
}
