import { z } from 'zod';
import { boundedWhole } from './bounds.js';

/** Ports that a heartbeat names at most. */
export const MAX_INGRESS_PORTS = 16;

const port = z.int().positive().max(65_535);

/** Where applications push the data of a pipeline, and what came in since the agent started, counted in requests. */
export const ingressPortSchema = z.object({
  port,
  /** A pipeline that runs takes data from it; one that none takes any more is told for its counts. */
  isWanted: z.boolean(),
  isOpen: z.boolean(),
  /** The second port, for gRPC; what came in there is among the counts. */
  grpc: z.object({ port, isOpen: z.boolean() }).optional(),
  /** Handed to the live collector, and of these the ones that it took. */
  forwarded: boundedWhole,
  accepted: boundedWhole,
  /** Found no live collector, or got no answer of it: the client was told to come again. */
  unavailable: boundedWhole,
  /** Copies made for shadows, and of these the ones that were lost. */
  copies: boundedWhole,
  dropped: boundedWhole,
});
export type IngressPort = Readonly<z.output<typeof ingressPortSchema>>;
