import { z } from 'zod';

/** A key of a Secret of Kubernetes, in the namespace of the workload that reads it. */
export type KubernetesSecret = { readonly kubernetesSecret: { readonly name: string; readonly key: string } };

/** Where a secret stands, never the secret: `${env:NAME}`, `${file:/path}`, or a key of a Kubernetes Secret. */
export type SecretReference = string | KubernetesSecret;

const textReference = /^\$\{(?:env:[A-Za-z_][A-Za-z0-9_]*|file:\/[^\p{Cc}${}:]+)\}$/u;
const secretName = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;
const secretKey = /^[-._a-zA-Z0-9]{1,253}$/;

const kubernetesSecret = z.strictObject({
  kubernetesSecret: z.strictObject({
    name: z.string().regex(secretName),
    key: z.string().regex(secretKey),
  }),
});

/** Anything else is taken for a secret in clear. The message never shows the value. */
export const secretReference = z.custom<SecretReference>(
  (value) =>
    typeof value === 'string' ? textReference.test(value) : kubernetesSecret.safeParse(value).success,
  {
    error: 'must be ${env:NAME}, ${file:/path} or a key of a Kubernetes Secret, not the secret itself',
    params: { rule: 'secret-in-clear' },
  },
);

export function isSecretReference(value: unknown): value is SecretReference {
  return secretReference.safeParse(value).success;
}

/** How a rendering names a secret: text in which the collector puts the secret, such as `${env:NAME}`. */
export type SecretText = (reference: SecretReference) => string;

/** What the collector itself understands; a key of a Kubernetes Secret comes as a variable of `secretVariable`. */
export const asCollectorText: SecretText = (reference) =>
  typeof reference === 'string' ? reference : `\${env:${secretVariable(reference)}}`;

/** The environment variable that carries a key of a Kubernetes Secret into a container. */
export function secretVariable({ kubernetesSecret: { name, key } }: KubernetesSecret): string {
  return `SECRET_${name}_${key}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}
