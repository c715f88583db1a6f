import type { Finding } from '../findings.js';
import { destinationProfileSchema, type DestinationProfile } from './profile.js';

/** Every finding of a destination; none shows a value, which may be a secret. */
export function validateDestination(input: unknown): readonly Finding[] {
  const parsed = destinationProfileSchema.safeParse(input);
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => {
    const path = issue.path.join('.');
    const isSecret = issue.code === 'custom' && issue.params?.['rule'] === 'secret-in-clear';
    return {
      rule: isSecret ? 'secret-in-clear' : 'schema',
      severity: 'error',
      path,
      message: issue.message,
      fix: isSecret
        ? 'Replace it by ${env:NAME}, ${file:PATH} or a Kubernetes Secret, and change the secret.'
        : 'Give a value that the destination allows.',
    };
  });
}

/** A destination that was read, or what is wrong with it. */
export type ReadDestination =
  | { readonly ok: true; readonly profile: DestinationProfile }
  | { readonly ok: false; readonly findings: readonly Finding[] };

export function readDestination(input: unknown): ReadDestination {
  const parsed = destinationProfileSchema.safeParse(input);
  return parsed.success
    ? { ok: true, profile: parsed.data }
    : { ok: false, findings: validateDestination(input) };
}
