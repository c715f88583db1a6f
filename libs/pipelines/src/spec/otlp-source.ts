import { z } from 'zod';

/** Below 1024 a program needs rights that an agent has no use for. */
export const ingressPort = z.int().min(1024).max(65_535);

/**
 * What applications push by OTLP. On a host the agent listens on the ports and hands each request on to the
 * collectors, so that two of them can have the same data; a collector that stands alone listens there itself.
 */
export const otlpSource = z
  .strictObject({
    kind: z.literal('otlp'),
    /** For OTLP over HTTP. */
    port: ingressPort.default(4318),
    /** For OTLP over gRPC, customarily 4317; without it nothing is taken that way. */
    grpcPort: ingressPort.optional(),
    /** How often applications push, more or less; by it a swap measures how long old and new overlap. */
    intervalSeconds: z.int().min(1).max(60).default(10),
  })
  .readonly();

export type OtlpSource = z.output<typeof otlpSource>;
