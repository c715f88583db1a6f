import type { DestinationProfile } from './profile.js';
import { isSecretReference, type SecretReference } from './secret.js';

/** Every secret that a destination names, each once, in the order in which they stand. */
export function secretsOf(profile: DestinationProfile): readonly SecretReference[] {
  const found = new Map<string, SecretReference>();
  collect(profile, found);
  return [...found.values()];
}

function collect(value: unknown, found: Map<string, SecretReference>): void {
  if (isSecretReference(value)) found.set(JSON.stringify(value), value);
  else if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) collect(member, found);
}
