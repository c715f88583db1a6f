import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { auditTrail, DATA_SOURCE, type AuditEntry } from '#lib/database';
import type { TenantId } from '#lib/events';
import { CurrentActor, type Principal } from '#lib/platform';
import { csv } from '../shared/csv.js';
import { CursorSeal } from '../shared/http/cursor-seal.js';
import { DEFAULT_LIMIT } from '../shared/http/page.dto.js';
import { Answers } from '../shared/openapi/answers.js';
import type { AuditPage, AuditView } from '../shared/views/audit.view.js';
import type { Database } from '../shared/views/database.js';
import { AuditDto } from './audit.dto.js';

/** Who asked for what, and what came of it. */
@ApiTags('audit')
@Controller('audit')
export class AuditController {
  constructor(
    @Inject(DATA_SOURCE) private readonly db: Database,
    private readonly seal: CursorSeal,
  ) {}

  @Get()
  @Answers(200, 'AuditPage')
  @ApiProduces('application/json', 'application/x-ndjson', 'text/csv')
  @ApiOperation({ summary: 'Every command and every refusal, newest first.' })
  async list(
    @CurrentActor() { tenant }: Principal,
    @Query() { format = 'json', ...query }: AuditDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AuditPage | string> {
    const page = await this.page(tenant, query);
    if (format !== 'json' && page.next !== null) reply.header('x-next-cursor', page.next);
    switch (format) {
      case 'json':
        return page;
      case 'jsonl':
        reply.type('application/x-ndjson');
        return page.items.map((item) => `${JSON.stringify(item)}\n`).join('');
      case 'csv':
        reply.type('text/csv; charset=utf-8');
        return csv([columns, ...page.items.map(rowOf)]);
    }
  }

  private page(tenant: TenantId, query: Omit<AuditDto, 'format'>): Promise<AuditPage> {
    const { limit = DEFAULT_LIMIT, atLeast: _atLeast, cursor: given, ...filters } = query;
    return this.seal.page(tenant, given, async (cursor) => {
      const { items, next } = await auditTrail(this.db, { ...filters, tenant, limit, cursor });
      return { items: items.map(toView), next: next ?? null };
    });
  }
}

function toView(row: AuditEntry): AuditView {
  const { id, at, actorKind, actorId, action, target, outcome, code, commandId, position, detail } = row;
  return {
    id: String(id),
    at,
    actor: { kind: actorKind, id: actorId },
    ...{ action, target, outcome, code, idempotencyKey: commandId },
    position: position === null ? null : String(position),
    reason: detail.reason ?? null,
  };
}

const columns = ['at', 'actor', 'action', 'target', 'outcome', 'code', 'reason', 'position', 'id'];

function rowOf({ id, at, actor, action, target, outcome, code, reason, position }: AuditView) {
  return [at, actor.id, action, target ?? '', outcome, code ?? '', reason ?? '', position ?? '', id];
}
