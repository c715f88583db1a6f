import { DomainError } from '../kernel/index.js';

/** Every refusal of the host aggregate, with the sentence that goes with it and what can be done. */
export const hostErrors = {
  'host-not-found': ['There is no such host.', 'Check the id, or enrol the host first.'],
  'host-already-enrolled': [
    'The host is enrolled already.',
    'Rotate its credential, or revoke the host before it is enrolled anew.',
  ],
  'host-revoked': ['The credential of the host was revoked.', 'Enrol the host anew with a fresh token.'],
} as const satisfies Record<string, readonly [string, string]>;

export type HostErrorCode = keyof typeof hostErrors;

export function refuseHost(code: HostErrorCode): DomainError<HostErrorCode> {
  const [detail, hint] = hostErrors[code];
  return new DomainError(code, detail, hint);
}
