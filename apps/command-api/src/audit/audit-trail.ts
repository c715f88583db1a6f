import { Inject, Injectable } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { auditLog, DATA_SOURCE, type AuditEntry } from '#lib/database';
import { parsePosition, type TenantId } from '#lib/events';
import { CLOCK, LOGGER, type Clock, type Logger, type Principal } from '#lib/platform';
import { API_PREFIX } from '../routes.js';
import type { Database } from '../shared/views/database.js';

const CHANGING = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
/** Routes that are asked with POST because of their body, and change nothing. */
const QUESTIONS = new Set([
  '/pipelines/render',
  '/pipelines/export',
  '/pipelines/validate',
  '/pipelines/preview',
]);
const LOGIN = '/auth/login';
const MAX_TEXT = 500;

type Request = FastifyRequest<{ Params: { id?: string } }> & { readonly user?: Principal };

/**
 * Writes one row for each command and each refusal, before it is answered. What was asked for is named by its route;
 * of the body only the reason is kept, so that no secret gets here. When the row cannot be written the answer stands
 * all the same: the events say what was accepted, and the log says that the row is missing.
 */
@Injectable()
export class AuditTrail {
  constructor(
    @Inject(DATA_SOURCE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Watches every answer of the app. */
  follow(app: NestFastifyApplication): void {
    app
      .getHttpAdapter()
      .getInstance()
      .addHook('onSend', async (request, reply, payload) => {
        await this.note(request as Request, reply, payload);
        return payload;
      });
  }

  private async note(request: Request, reply: FastifyReply, payload: unknown): Promise<void> {
    const entry = entryOf(request, { status: reply.statusCode, body: parse(payload) }, this.clock.iso());
    if (entry === undefined) return;
    try {
      await this.db.getRepository(auditLog).insert(entry);
    } catch (error) {
      this.logger.error({ err: error, action: entry.action }, 'not in the audit trail');
    }
  }
}

type NewEntry = Omit<AuditEntry, 'id'>;
interface Given {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The row of a request and its answer; undefined for questions and for strangers. Pure. */
export function entryOf(request: Request, { status, body }: Given, at: string): NewEntry | undefined {
  const route = changingRoute(request);
  const who = route === undefined ? undefined : whoIs(request, route);
  if (route === undefined || who === undefined) return undefined;
  const outcome = outcomeOf(status);
  return {
    ...who,
    at,
    action: `${request.method} ${route}`,
    target: request.params.id ?? text(body['id']),
    outcome,
    code: outcome === 'accepted' ? null : text(body['code']),
    commandId: text(request.headers['idempotency-key']),
    position: parsePosition(text(body['position']) ?? '') ?? null,
    detail: detailOf(request.body),
  };
}

/** The route of a command below the API's prefix. */
function changingRoute({ method, routeOptions }: Request): string | undefined {
  const route = routeOptions.url?.replace(`/${API_PREFIX}`, '');
  return route === undefined || !CHANGING.has(method) || QUESTIONS.has(route) ? undefined : route;
}

function outcomeOf(status: number): NewEntry['outcome'] {
  if (status < 400) return 'accepted';
  return status < 500 ? 'refused' : 'failed';
}

/** Nobody is known at the login; there the row names who was tried. */
function whoIs(
  { user, body }: Request,
  route: string,
): Pick<NewEntry, 'tenant' | 'actorKind' | 'actorId'> | undefined {
  if (user !== undefined) return { tenant: user.tenant, actorKind: user.actor.kind, actorId: user.actor.id };
  if (route !== LOGIN) return undefined;
  const email = isRecord(body) ? text(body['email']) : null;
  return { tenant: 'default' as TenantId, actorKind: 'user', actorId: email ?? 'nobody' };
}

function detailOf(body: unknown): NewEntry['detail'] {
  const reason = isRecord(body) ? text(body['reason']) : null;
  return reason === null ? {} : { reason };
}

function text(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  return value.toWellFormed().replaceAll('\0', '\uFFFD').slice(0, MAX_TEXT);
}

function parse(payload: unknown): Given['body'] {
  if (typeof payload !== 'string') return {};
  try {
    const parsed: unknown = JSON.parse(payload);
    return isRecord(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
