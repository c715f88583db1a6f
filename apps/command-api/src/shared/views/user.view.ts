import { z } from 'zod';
import { timestamp } from './common.view.js';

/** A person as the API tells about them. */
export const userSchema = z.object({
  id: z.string(),
  email: z.string(),
  tenant: z.string(),
  role: z.enum(['admin', 'operator', 'viewer']),
});
export type User = Readonly<z.output<typeof userSchema>>;

/** Answer to a login. The token goes into `Authorization: Bearer …`. */
export const loginAnswerSchema = z.object({
  accessToken: z.string(),
  expiresAt: timestamp,
  user: userSchema,
});
export type LoginAnswer = Readonly<z.output<typeof loginAnswerSchema>>;
