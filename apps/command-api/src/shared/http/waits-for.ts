import {
  Inject,
  Injectable,
  SetMetadata,
  type CallHandler,
  type CustomDecorator,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { DATA_SOURCE, waitForPosition, type ReadModel } from '#lib/database';
import { parsePosition } from '#lib/events';
import { systemClock } from '#lib/platform';
import type { Database } from '../views/database.js';
import { refusal } from './edge-error.js';

const VIEW = 'phoenix:view';
const LONGEST_WAIT_MS = 2_000;

/** Names the view that a controller's queries read: `?atLeast=<position>` waits for that view. */
export function WaitsFor(view: ReadModel): CustomDecorator {
  return SetMetadata(VIEW, view);
}

/** Read-your-writes: a query with `atLeast` is answered from views that contain that position, or not at all. */
@Injectable()
export class AtLeastInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    @Inject(DATA_SOURCE) private readonly db: Database,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context
      .switchToHttp()
      .getRequest<FastifyRequest<{ Querystring: { atLeast?: unknown } }>>();
    const { atLeast } = request.query;
    const targets = [context.getHandler(), context.getClass()];
    const view = this.reflector.getAllAndOverride<ReadModel | undefined>(VIEW, targets);
    if (view !== undefined && atLeast !== undefined) {
      await this.wait(
        view,
        atLeast,
        () => void context.switchToHttp().getResponse<FastifyReply>().header('retry-after', '1'),
      );
    }
    return next.handle();
  }

  private async wait(projection: ReadModel, atLeast: unknown, advise: () => void): Promise<void> {
    const position = parsePosition(String(atLeast));
    if (position === undefined) throw refusal('invalid-position', 'atLeast is not a position, such as 41.');
    // Patience with a projector is real time, also where a test moves the domain's clock.
    if (await waitForPosition(this.db, systemClock, { projection, position }, LONGEST_WAIT_MS)) return;
    advise();
    throw refusal(
      'projection-behind',
      `The view of ${projection} does not contain position ${position} yet.`,
      'Try again, or ask without atLeast for what is there.',
    );
  }
}
