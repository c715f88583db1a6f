import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Admission, type Caller } from './admission.js';

/** The host of each request that came through the guard. */
const callers = new WeakMap<object, Caller>();

/** Lets in hosts only, each as itself. */
@Injectable()
export class HostGuard implements CanActivate {
  constructor(private readonly admission: Admission) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context
      .switchToHttp()
      .getRequest<{ readonly headers: { readonly authorization?: string | undefined } }>();
    callers.set(request, await this.admission.admit(request.headers.authorization));
    return true;
  }
}

/** The host that asks. Only on routes behind `HostGuard`. */
export const FromHost = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(context.switchToHttp().getRequest<object>());
  if (caller === undefined) throw new Error('the route is not behind HostGuard');
  return caller;
});
