import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Actor, TenantId } from '#lib/events';
import type { Role } from './roles.js';

/** Who calls: proven by a token. */
export interface Principal {
  /** As it is written into commits. */
  readonly actor: Actor;
  readonly tenant: TenantId;
  readonly role: Role;
}

/** The caller, as a parameter of a route that is not `@Public()`. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { user } = context.switchToHttp().getRequest<{ readonly user?: Principal }>();
  if (user === undefined) throw new TypeError('@CurrentActor() on a route without authentication');
  return user;
});
