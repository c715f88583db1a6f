import { createHash } from 'node:crypto';
import { z } from 'zod';
import { collectorLimitsSchema } from '#lib/agent-protocol';
import { variantSchema } from '#lib/events';

/** The newest desired state of a host as it stands in WANT: hashes only, bytes are inlined at hand-over. */
export const wantSchema = z.object({
  generation: z.int().positive(),
  experimentId: z.string().nullable(),
  drain: z.boolean(),
  criticalProcesses: z.array(z.string()),
  collectors: z.array(
    z.object({
      variant: variantSchema,
      role: z.enum(['live', 'shadow']),
      configHash: z.string(),
      /** Of a candidate whose experiment names some. */
      limits: collectorLimitsSchema.optional(),
    }),
  ),
});
export type Want = Readonly<z.output<typeof wantSchema>>;
export type WantContent = Omit<Want, 'generation'>;

/** True when two desired states ask for the same, whatever their generation. */
export function sameContent(a: WantContent, b: WantContent): boolean {
  return contentKey(a) === contentKey(b);
}

/** The task id of a hand-over: the same desired state is the same task, however often it is offered. */
export function taskIdOf(want: Want): string {
  const digest = createHash('sha256').update(contentKey(want)).digest('hex').slice(0, 8);
  return `g${want.generation}-${digest}`;
}

function contentKey({ experimentId, drain, criticalProcesses, collectors }: WantContent): string {
  return JSON.stringify([
    experimentId,
    drain,
    criticalProcesses,
    // Without limits the key is what it was before there were any, so that no host gets the same order anew.
    collectors.map(({ variant, role, configHash, limits }) => [
      ...[variant, role, configHash],
      ...(limits === undefined ? [] : [limits]),
    ]),
  ]);
}
