import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ProblemError } from '#lib/platform';
import { HostLimits } from '../shared/host-limits.js';
import { Admission, type Caller } from './admission.js';

/** The host of each request that came through the guard. */
const callers = new WeakMap<object, Caller>();

/** Lets in hosts only, each as itself. */
@Injectable()
export class HostGuard implements CanActivate {
  constructor(
    private readonly admission: Admission,
    private readonly limits: HostLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context
      .switchToHttp()
      .getRequest<{ readonly headers: { readonly authorization?: string | undefined } }>();
    const caller = await this.admission.admit(request.headers.authorization);
    // Only once it is known who asks: nobody uses up the share of another.
    const seconds = this.limits.retryAfter(caller);
    if (seconds !== undefined) throw tooMany(context, seconds);
    callers.set(request, caller);
    return true;
  }
}

interface Reply {
  header(name: string, value: string): unknown;
}

function tooMany(context: ExecutionContext, seconds: number): ProblemError {
  context.switchToHttp().getResponse<Reply>().header('retry-after', String(seconds));
  return new ProblemError({
    status: 429,
    code: 'too-many-requests',
    detail: 'This host asks more than a host may.',
    hint: 'Wait as long as `Retry-After` says, then send it again: nothing of it was taken.',
  });
}

/** The host that asks. Only on routes behind `HostGuard`. */
export const FromHost = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(context.switchToHttp().getRequest<object>());
  if (caller === undefined) throw new Error('the route is not behind HostGuard');
  return caller;
});
