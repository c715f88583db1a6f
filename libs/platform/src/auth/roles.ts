import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const roles = ['admin', 'operator', 'viewer'] as const;
export type Role = (typeof roles)[number];

export const ALLOWED_ROLES = Symbol('ALLOWED_ROLES');

/** Only these roles may call the route; without it, every authenticated caller may. */
export function Roles(...allowed: readonly Role[]): CustomDecorator<typeof ALLOWED_ROLES> {
  return SetMetadata(ALLOWED_ROLES, allowed);
}
