import { z } from 'zod';

export const timestamp = z.iso.datetime();

/** A stream position: a decimal string, because JSON numbers end at 2^53. */
export const positionText = z
  .string()
  .regex(/^\d+$/)
  .meta({ description: 'Stream position, a decimal string.' });

/** A page of a list; `next` is the cursor of the following page, null on the last. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

/** One thing that is wrong with what was given, or that is good to know of it. */
export const findingSchema = z.object({
  rule: z.string().meta({ description: 'Never changes its meaning.' }),
  severity: z.enum(['error', 'warning']),
  path: z.string(),
  line: z.int().nullable().meta({ description: 'From 1; null where nothing was written as text.' }),
  column: z.int().nullable(),
  message: z.string(),
  fix: z.string(),
});
export type FindingView = Readonly<z.output<typeof findingSchema>>;

/** Answer to every command: what it was about and where its commit stands. */
export const acceptedSchema = z.object({
  id: z.string(),
  position: positionText,
  findings: z.array(findingSchema).optional().meta({
    description: 'Warnings on what was accepted, where there are any; not told again to a repetition.',
  }),
});

/** Every refusal and failure, as `application/problem+json` (RFC 9457). */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string().meta({ description: 'Literal; never changes its meaning.' }),
  detail: z.string(),
  hint: z.string().optional().meta({ description: 'What can be done about it.' }),
  errors: z.array(z.object({ field: z.string(), problems: z.array(z.string()) })).optional(),
  instance: z.string().optional().meta({ description: 'Names the request in our log.' }),
});
