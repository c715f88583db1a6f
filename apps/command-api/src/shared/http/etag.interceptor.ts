import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { tap, type Observable } from 'rxjs';

/** Every answer about one aggregate carries its position as a strong ETag, ready for the next If-Match. */
@Injectable()
export class EtagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      tap((body: unknown) => {
        const position = positionIn(body);
        if (position !== undefined) void reply.header('etag', `"${position}"`);
      }),
    );
  }
}

function positionIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('position' in body)) return undefined;
  return typeof body.position === 'string' ? body.position : undefined;
}
