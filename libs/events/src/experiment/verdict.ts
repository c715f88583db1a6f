import { z } from 'zod';
import { figureSchema } from '../figure.js';

export const decisionSchema = z.enum(['promote', 'keep-baseline', 'inconclusive', 'invalid']);
/** `invalid`: a health check failed, so the figures must not be used; `inconclusive`: healthy, but no claim is carried. */
export type Decision = z.output<typeof decisionSchema>;

export const namedCheckSchema = z.object({
  name: z.string(),
  passed: z.boolean(),
  detail: z.string(),
});
export type NamedCheck = Readonly<z.output<typeof namedCheckSchema>>;

/**
 * The outcome of an analysis. The claims say how far the evidence reaches: across hosts from 10 hosts on, over time
 * from 30 merged blocks on; otherwise "this host only" and "this period only".
 */
export const verdictSchema = z.object({
  decision: decisionSchema,
  reason: z.string(),
  scope: z.object({
    hosts: z.enum(['across hosts', 'this host only', 'these hosts only']),
    time: z.enum(['over time', 'this period only']),
  }),
  reduction: figureSchema,
  guardrails: z.array(namedCheckSchema),
  health: z.array(namedCheckSchema),
  /** Digest of the blocks in canonical order: the same blocks give the same verdict, bit for bit. */
  evidence: z.object({
    blocksDigest: z.string(),
    blocks: z.int(),
    windows: z.int(),
    gapSeconds: z.number(),
    watermark: z.iso.datetime(),
  }),
  ruleVersion: z.string(),
});
export type Verdict = Readonly<z.output<typeof verdictSchema>>;
