import { isDomainError } from '#lib/domain-kernel';
import { HttpException } from '@nestjs/common';
import { ConcurrencyError, type ConcurrencyErrorCode } from '../command-handler/command-handler.js';
import { StoreError, type StoreErrorCode } from '../event-store/event-store.js';
import { ProblemError, type ProblemParts } from './problem.js';

/** Statuses that a refusal by the rules may have. */
export type RefusalStatus = 400 | 403 | 404 | 409 | 410 | 422;

/**
 * The status of every refusal of an app. Written as `Record` over the union of its codes, so that a new code without
 * a status does not compile: `const statuses: ErrorStatuses<ExperimentErrorCode | …> = { … }`.
 */
export type ErrorStatuses<Code extends string = string> = Readonly<Record<Code, RefusalStatus>>;

const concurrency: Readonly<Record<ConcurrencyErrorCode, ProblemParts>> = {
  'if-match-failed': {
    status: 412,
    code: 'if-match-failed',
    detail: 'It has changed since you read it.',
    hint: 'Read it again and repeat the request with its new ETag.',
  },
  superseded: {
    status: 409,
    code: 'superseded',
    detail: 'Something that it depends on has changed meanwhile.',
    hint: 'Repeat the request with the same Idempotency-Key.',
  },
  busy: {
    status: 409,
    code: 'busy',
    detail: 'Too many changes to it at the same time.',
    hint: 'Repeat the request with the same Idempotency-Key.',
  },
};

const unavailable: ProblemParts = {
  status: 503,
  code: 'store-unavailable',
  detail: 'The event store cannot be reached now.',
  hint: 'Repeat the request with the same Idempotency-Key in a moment.',
};
const storage: Readonly<Record<StoreErrorCode, ProblemParts>> = {
  conflict: concurrency.busy,
  unavailable,
  'unknown-outcome': {
    ...unavailable,
    code: 'unknown-outcome',
    detail: 'It is not known whether the request was carried out.',
  },
  'stream-full': {
    status: 503,
    code: 'stream-full',
    detail: 'The event store takes nothing more.',
    hint: 'An operator has to give it more room.',
  },
  'too-large': {
    status: 413,
    code: 'command-too-large',
    detail: 'The request leads to events larger than the store takes.',
    hint: 'Make the request smaller.',
  },
};

const internal: ProblemParts = {
  status: 500,
  code: 'internal',
  detail: 'Something failed on our side.',
  hint: 'Repeat the request; if it fails again, give us the instance.',
};

/** Codes of the statuses that the framework answers with. */
const frameworkCodes: Readonly<Partial<Record<number, string>>> = {
  400: 'bad-request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  413: 'body-too-large',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
};

/** What a caller is told about any error. Whatever is not known here is a 500 without a word of it. Pure. */
export function problemPartsOf(error: unknown, statuses: ErrorStatuses): ProblemParts {
  if (error instanceof ProblemError) return error.parts;
  if (isDomainError(error)) return refusal(error, statuses);
  if (error instanceof ConcurrencyError) return concurrency[error.code];
  if (error instanceof StoreError) return storage[error.code];
  if (error instanceof HttpException) return framework(error.getStatus(), error.message);
  if (isFastifyError(error)) return framework(error.statusCode, fastifyDetail(error));
  return internal;
}

function refusal(
  {
    code,
    detail,
    hint,
  }: { readonly code: string; readonly detail: string; readonly hint?: string | undefined },
  statuses: ErrorStatuses,
): ProblemParts {
  if (!Object.hasOwn(statuses, code)) return internal;
  return { status: statuses[code] ?? internal.status, code, detail, ...(hint === undefined ? {} : { hint }) };
}

function framework(status: number, detail: string): ProblemParts {
  const code = frameworkCodes[status];
  if (code !== undefined) return { status, code, detail };
  return status >= 400 && status < 500 ? { status, code: 'refused', detail } : internal;
}

interface FastifyError extends Error {
  readonly code: string;
  readonly statusCode: number;
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
}

/** The parser's own message can quote the body. */
function fastifyDetail({ statusCode }: FastifyError): string {
  switch (statusCode) {
    case 413:
      return 'The body is larger than this route takes.';
    case 415:
      return 'The body must be JSON.';
    default:
      return 'The body is not valid JSON.';
  }
}
