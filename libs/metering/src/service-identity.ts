import type { HashedAttribute } from '#lib/otlp';

/** Which service a resource belongs to, in the words of OpenTelemetry; empty where it names none. */
export type ServiceIdentity = { readonly service: string; readonly namespace: string };

/** `service.name` and `service.namespace` of a resource. */
export function serviceIdentity(attributes: readonly HashedAttribute[]): ServiceIdentity {
  let service = '';
  let namespace = '';
  for (const { attribute } of attributes) {
    const { key, value } = attribute;
    if (typeof value !== 'string') continue;
    if (key === 'service.name') service = value;
    else if (key === 'service.namespace') namespace = value;
  }
  return { service, namespace };
}
