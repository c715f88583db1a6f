import { randomUUID } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { parsePosition, type Actor, type CommandId, type Position, type TenantId } from '#lib/events';
import { commandIdFrom, type Principal } from '#lib/platform';
import { refusal } from './edge-error.js';

/** What a request says about its command besides the body: who, for which tenant, and the conditions. */
export type CommandContext = {
  readonly tenant: TenantId;
  readonly actor: Actor;
  readonly commandId: CommandId;
  readonly ifMatch?: Position;
};

/** Injects the command context of a request into a handler. @throws ProblemError on malformed headers */
export const Context = createParamDecorator((_: unknown, execution: ExecutionContext): CommandContext => {
  const request = execution.switchToHttp().getRequest<FastifyRequest & { readonly user: Principal }>();
  const { tenant, actor } = request.user;
  const [route = ''] = request.url.split('?');
  // One actor's key on one route names one command, for ever; without a key every request is another command.
  const key = idempotencyKey(request.headers['idempotency-key']) ?? randomUUID();
  const commandId = commandIdFrom(tenant, actor.id, `${request.method} ${route}`, key);
  const ifMatch = ifMatchOf(request.headers['if-match']);
  return { tenant, actor, commandId, ...(ifMatch === undefined ? {} : { ifMatch }) };
});

function idempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header)) return header;
  throw refusal(
    'invalid-idempotency-key',
    'The Idempotency-Key is not 1 to 200 printable characters without spaces.',
  );
}

/** Only one strong ETag makes sense for a command; `*` says "whatever it is", which is no condition. */
export function ifMatchOf(header: string | undefined): Position | undefined {
  if (header === undefined || header === '*') return undefined;
  const [, digits = ''] = /^"(\d+)"$/.exec(header) ?? [];
  const position = parsePosition(digits);
  if (position !== undefined) return position;
  throw refusal(
    'invalid-if-match',
    'If-Match is not an ETag of this API, such as "41".',
    'Send the ETag as it was received, with its quotes.',
  );
}
