import { z } from 'zod';
import { pageOf, timestamp } from './common.view.js';

/** One command or refusal. */
export const auditEntrySchema = z.object({
  id: z.string(),
  at: timestamp,
  actor: z.object({ kind: z.enum(['user', 'service', 'host']), id: z.string() }),
  action: z.string().meta({ description: 'Method and route.' }),
  target: z.string().nullable().meta({ description: 'The id that it was about.' }),
  outcome: z.enum(['accepted', 'refused', 'failed']),
  code: z.string().nullable().meta({ description: 'Why not, as a literal.' }),
  idempotencyKey: z.string().nullable(),
  position: z.string().nullable(),
  reason: z.string().nullable(),
});
export type AuditView = Readonly<z.output<typeof auditEntrySchema>>;
export const auditPageSchema = pageOf(auditEntrySchema);
export type AuditPage = Readonly<z.output<typeof auditPageSchema>>;
