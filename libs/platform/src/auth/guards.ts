import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { ProblemError } from '../http/problem.js';
import type { Principal } from './principal.js';
import { IS_PUBLIC } from './public.js';
import { ALLOWED_ROLES, type Role } from './roles.js';

/** Closes every route that is not `@Public()`. */
@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {
    super();
  }

  override canActivate(context: ExecutionContext): ReturnType<CanActivate['canActivate']> {
    return isPublic(this.reflector, context) || super.canActivate(context);
  }

  override handleRequest<User>(error: unknown, user: User | false | null): User {
    if (error instanceof Error) throw error;
    if (user === false || user === null) throw unauthenticated();
    return user;
  }
}

/** Lets only the roles in that `@Roles()` names. Comes after `JwtAuthGuard`. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    const allowed = this.reflector.getAllAndOverride<readonly Role[] | undefined>(ALLOWED_ROLES, targets);
    if (allowed === undefined || isPublic(this.reflector, context)) return true;
    const { user } = context.switchToHttp().getRequest<{ readonly user?: Principal }>();
    if (user !== undefined && allowed.includes(user.role)) return true;
    throw forbidden(allowed);
  }
}

function isPublic(reflector: Reflector, context: ExecutionContext): boolean {
  return (
    reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, [
      context.getHandler(),
      context.getClass(),
    ]) === true
  );
}

function unauthenticated(): ProblemError {
  return new ProblemError({
    status: 401,
    code: 'unauthenticated',
    detail: 'There is no valid token in the request.',
    hint: 'Log in and send the token as `Authorization: Bearer …`.',
  });
}

function forbidden(allowed: readonly Role[]): ProblemError {
  return new ProblemError({
    status: 403,
    code: 'forbidden',
    detail: `This needs one of the roles ${allowed.join(', ')}.`,
  });
}
