import { DomainError } from '#lib/domain-kernel';
import { contentKindOf, type ContentKind, type PipelineContent } from '#lib/events';
import type { Finding } from '#lib/pipelines';
import { ProblemError } from '#lib/platform';

/** Refusals that are found before a command reaches the rules, or that concern queries alone. */
const edgeStatus = {
  'invalid-cursor': 400,
  'invalid-if-match': 400,
  'invalid-moment': 400,
  'invalid-idempotency-key': 400,
  'invalid-position': 400,
  'invalid-configuration': 400,
  'invalid-content': 400,
  'invalid-parameters': 400,
  'invalid-specification': 400,
  'two-sources-of-data': 400,
  'invalid-credentials': 401,
  'config-not-found': 404,
  'enrolment-token-not-found': 404,
  'pipeline-version-not-found': 404,
  'recording-not-found': 404,
  'task-not-found': 404,
  'task-over': 409,
  'experiment-not-yet-drafted': 404,
  'verdict-not-given': 404,
  'collector-unknown': 409,
  'experiment-not-concluded': 409,
  'recordings-full': 409,
  'content-too-large': 413,
  'task-too-large': 413,
  'pipeline-not-runnable': 422,
  'fleet-too-large': 422,
  'recording-damaged': 422,
  'recordings-not-mergeable': 422,
  'unknown-hosts': 422,
  'unknown-pipeline-version': 422,
  'unknown-tariff': 422,
  'too-many-previews': 429,
  'too-many-tasks': 429,
  'analyzer-unreachable': 503,
  'projection-behind': 503,
  // As web servers write it down when a client closes its request.
  'preview-abandoned': 499,
  'tasks-unavailable': 503,
  'preview-too-slow': 504,
} as const;
export type EdgeErrorCode = keyof typeof edgeStatus;

/** The problem of such a refusal: a code for programs, a sentence for people, and what can be done. */
export function refusal(code: EdgeErrorCode, detail: string, hint?: string): ProblemError {
  return new ProblemError({
    status: edgeStatus[code],
    code,
    detail,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The refusal of a template's parameters: every finding with its fix, by the path of the value. */
export function invalidParameters(findings: readonly Finding[]): ProblemError {
  return withFindings('invalid-parameters', findings, 'See GET /pipelines/templates.');
}

const invalidKind = {
  template: 'invalid-parameters',
  spec: 'invalid-specification',
  yaml: 'invalid-configuration',
} as const satisfies Record<ContentKind, EdgeErrorCode>;

/** The refusal of what a pipeline says: every finding with its fix, by path and line. */
export function invalidContent(content: PipelineContent, findings: readonly Finding[]): ProblemError {
  return withFindings(invalidKind[contentKindOf(content)], findings, 'See POST /pipelines/validate.');
}

/** The refusal of imported configurations that cannot run in an experiment, by variant, path and line. */
export function notRunnable(findings: readonly Finding[]): ProblemError {
  return withFindings('pipeline-not-runnable', findings, 'See POST /pipelines/validate.');
}

/** Findings that are told in the sentence; all of them are in `errors`. */
const TOLD = 5;

function withFindings(code: EdgeErrorCode, findings: readonly Finding[], hint: string): ProblemError {
  const more = findings.length > TOLD ? [`${findings.length - TOLD} more`] : [];
  return new ProblemError({
    status: edgeStatus[code],
    code,
    detail: [...findings.slice(0, TOLD).map(({ message }) => message), ...more].join('; '),
    hint: findings[0]?.fix ?? hint,
    errors: findings.map(({ path, position, rule, message, fix }) => ({
      field: path,
      problems: [position === undefined ? message : `line ${position.line}: ${message} [${rule}]`, fix],
    })),
  });
}

/** The refusal of a cursor that is not ours, or belongs to another list or order. */
export function invalidCursor(): ProblemError {
  return refusal(
    'invalid-cursor',
    'The cursor was not given for this list and order.',
    'Start without a cursor.',
  );
}

/** A host that was never enrolled here. */
export function hostNotFound(): DomainError {
  return new DomainError('host-not-found', 'There is no such host.', 'See GET /fleet/hosts.');
}
