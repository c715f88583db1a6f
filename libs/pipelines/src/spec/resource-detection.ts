import { z } from 'zod';

/**
 * Adds what the collector finds out about where it runs to every resource: `env` reads the list of attributes in
 * `OTEL_RESOURCE_ATTRIBUTES`, `system` asks the kernel for `host.name` and `os.type`. Neither needs a network.
 */
export const resourceDetection = z
  .strictObject({
    kind: z.literal('resourceDetection'),
    /** The first that finds an attribute gives its value. */
    detectors: z
      .array(z.enum(['env', 'system']))
      .min(1)
      .readonly()
      .refine((all) => new Set(all).size === all.length, 'names a detector twice'),
    /** Whether what is found takes the place of what a resource says already. */
    override: z.boolean(),
  })
  .readonly();
