import type { DomainErrorCode } from '#lib/domain';
import type { ErrorStatuses } from '#lib/platform';

/**
 * The status of every refusal. 404: it does not exist; 409: its present phase forbids it; 422: understood, but what it
 * asks for cannot be; 400: the request contradicts itself.
 */
export const errorStatus: ErrorStatuses<DomainErrorCode> = {
  'experiment-not-found': 404,
  'experiment-already-exists': 409,
  'experiment-already-started': 409,
  'experiment-not-started': 409,
  'experiment-ended': 409,
  'experiment-not-deploying': 409,
  'experiment-not-warming': 409,
  'experiment-not-pausable': 409,
  'experiment-not-paused': 409,
  'experiment-not-running': 409,
  'experiment-not-promotable': 409,
  'experiment-not-promoting': 409,
  'experiment-not-rollbackable': 409,
  'experiment-not-rolling-back': 409,
  'experiment-not-stoppable': 409,
  'experiment-not-stopping': 409,
  'experiment-cannot-fail': 409,
  'experiment-still-active': 409,
  'invalid-schedule': 400,
  'duplicate-guardrail': 400,
  'no-target-hosts': 422,
  'hosts-busy': 409,
  'verdict-does-not-promote': 409,
  'reason-required': 400,
  'pipeline-not-found': 404,
  'pipeline-already-exists': 409,
  'pipeline-deprecated': 409,
  'host-not-found': 404,
  'host-already-enrolled': 409,
  'host-revoked': 409,
};
