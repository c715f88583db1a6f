import { z } from 'zod';
import { patternFault } from './regex.js';

/**
 * Text that survives every form in which a collector reads it: no control characters, no halves of surrogate pairs,
 * and none of the code points that YAML does not allow.
 */
const plain = /^[^\p{Cc}\p{Cs}\uFEFF\uFFFE\uFFFF]*$/u;
const plainMessage = 'must not contain control characters or broken Unicode';

/** The value of an attribute; it may be empty. */
export const attributeText = z.string().max(1000).regex(plain, plainMessage);

/** A metric name or an attribute key. */
export const name = z.string().min(1).max(255).regex(plain, plainMessage);

/** A pattern in the syntax of RE2, found anywhere in a text; `^` and `$` bind it to the ends. */
export const pattern = z
  .string()
  .min(1)
  .max(500)
  .regex(plain, plainMessage)
  .superRefine((text, context) => {
    const fault = patternFault(text);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

/** Names picked one by one or by pattern; what any of them names is picked. */
export const nameSelection = z
  .strictObject({
    names: z.array(name).max(200).readonly(),
    patterns: z.array(pattern).max(50).readonly(),
  })
  .readonly()
  .refine(({ names, patterns }) => names.length + patterns.length > 0, 'names nothing');

export type NameSelection = z.infer<typeof nameSelection>;
