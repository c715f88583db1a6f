import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Logger } from '../logging/logger.js';
import { problemPartsOf, type ErrorStatuses } from './error-status.js';
import { problemOf, type Problem } from './problem.js';

interface Request {
  readonly id: string;
  readonly method: string;
  readonly url: string;
}

interface Reply {
  header(name: string, value: string): Reply;
  status(code: number): Reply;
  send(body: string): unknown;
}

/** Answers every error as problem+json. What went wrong on our side is logged in full and told in one sentence. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly statuses: ErrorStatuses,
    private readonly logger: Logger,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const reply = host.switchToHttp().getResponse<Reply>();
    const problem: Problem = {
      ...problemOf(problemPartsOf(error, this.statuses)),
      instance: `urn:phoenix:request:${request.id}`,
    };
    if (problem.status >= 500) this.logFailure(error, request, problem);
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
    reply
      .status(problem.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(JSON.stringify(problem));
  }

  private logFailure(error: unknown, { id, method, url }: Request, { status, code }: Problem): void {
    this.logger.error(
      { err: error, request: id, method, path: url.split('?', 1)[0], status, code },
      'request failed',
    );
  }
}
