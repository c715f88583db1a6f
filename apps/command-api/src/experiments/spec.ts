import { tariffs } from '#lib/domain';
import { experimentSpecSchema, type ExperimentSpec } from '#lib/events';
import type { DraftExperimentDto } from './dto/experiment-spec.dto.js';

/** What a draft takes where it is silent. The API reference of `DraftExperimentDto` says the same in words. */
const defaults = {
  baseline: { kind: 'template', template: 'baseline', parameters: {} },
  schedule: { warmupSeconds: 60, minimumSeconds: 600, maximumSeconds: 3600, deploySeconds: 300 },
  criticalProcesses: [],
  guardrails: [
    { kpi: 'criticalCoverage', margin: 0 },
    { kpi: 'collectorCpu', margin: 0.5 },
    { kpi: 'collectorMemory', margin: 0.5 },
  ],
  success: { kpi: 'activeSeries', minimumReduction: 0.2 },
  confidence: 0.95,
  tariff: tariffs[0]?.id,
} as const;

/** The description that a draft asks for. */
export function specOfDraft(draft: DraftExperimentDto): ExperimentSpec {
  return experimentSpecSchema.parse({ ...defaults, ...given(draft) });
}

/** The description after a revision: each field that is given replaces the whole field. */
export function specOfRevision(spec: ExperimentSpec, revision: Partial<DraftExperimentDto>): ExperimentSpec {
  return experimentSpecSchema.parse({ ...spec, ...given(revision) });
}

const COPY = ' (copy)';
const LONGEST_NAME = 120;

/** The name of a clone that was given none. */
export function nameOfCopy(name: string): string {
  return name.endsWith(COPY) ? name : `${name.slice(0, LONGEST_NAME - COPY.length)}${COPY}`;
}

/** Without fields that were left out: a DTO carries them as undefined. */
function given(dto: Partial<DraftExperimentDto>): Partial<DraftExperimentDto> {
  return Object.fromEntries(
    Object.entries(dto as Readonly<Record<string, unknown>>).filter(([, value]) => value !== undefined),
  );
}
