import { z } from 'zod';

/** A host name or an address with a port; brackets stand round an address of IPv6. */
const target = z
  .string()
  .max(255)
  .regex(/^(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/, 'is no host:port')
  .refine((text) => Number(/\d+$/.exec(text)?.[0]) <= 65_535, 'has no port that exists');

/**
 * Pages of metrics in the format of Prometheus that are read at an interval. What a target may give is bounded: a
 * page that has 10 MiB, or has more samples than `sampleLimit`, is dropped as a whole.
 */
export const prometheusSource = z
  .strictObject({
    kind: z.literal('prometheus'),
    intervalSeconds: z.int().min(1).max(60),
    targets: z
      .array(target)
      .min(1)
      .max(50)
      .readonly()
      .refine((all) => new Set(all).size === all.length, 'names a target twice'),
    scheme: z.enum(['http', 'https']),
    path: z
      .string()
      .max(500)
      .regex(/^\/[-A-Za-z0-9._~/%]*$/, 'is no path'),
    sampleLimit: z.int().min(1).max(200_000),
  })
  .readonly();

export type PrometheusSource = z.infer<typeof prometheusSource>;
