import { z } from 'zod';

/** What the `system` detector can find on a host; the first two are what it finds unless told otherwise (0.149). */
export const systemAttributes = ['host.name', 'os.type', 'host.arch', 'host.id'] as const;

export type SystemAttribute = (typeof systemAttributes)[number];

export const systemDefaults: readonly SystemAttribute[] = ['host.name', 'os.type'];

function isUnique(all: readonly string[]): boolean {
  return new Set(all).size === all.length;
}

/**
 * Adds what is known of the host to every resource: `env` is the list of attributes that the host was given in
 * `OTEL_RESOURCE_ATTRIBUTES`, `system` is what its kernel says. On a host with an agent it is the agent that looks.
 * Detectors of clouds are no part of it: their SDKs are not in the collector that Phoenix pins.
 */
export const resourceDetection = z
  .strictObject({
    kind: z.literal('resourceDetection'),
    /** The first that finds an attribute gives its value. */
    detectors: z
      .array(z.enum(['env', 'system']))
      .min(1)
      .readonly()
      .refine(isUnique, 'names a detector twice'),
    /** What `system` looks for; without it `host.name` and `os.type`. */
    system: z
      .array(z.enum(systemAttributes))
      .min(1)
      .readonly()
      .refine(isUnique, 'names an attribute twice')
      .optional(),
    /** Whether what is found takes the place of what a resource says already. */
    override: z.boolean(),
  })
  .readonly();
