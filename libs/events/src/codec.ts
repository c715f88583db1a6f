import { z } from 'zod';
import { definitionOf, isAggregateName, type AggregateName, type EventsOf } from './catalogue.js';
import type { Commit, StoredCommit } from './commit.js';
import { aggregateIdSchema, commandIdSchema, tenantIdSchema, type Position } from './ids.js';

/** Version of the commit envelope itself; event versions are counted per event. */
export const COMMIT_FORMAT = 1;

const envelopeSchema = z.object({
  v: z.literal(COMMIT_FORMAT),
  tenant: tenantIdSchema,
  aggregate: z.string().refine(isAggregateName),
  id: aggregateIdSchema,
  commandId: commandIdSchema,
  actor: z.object({ kind: z.enum(['user', 'service', 'host']), id: z.string() }),
  at: z.iso.datetime(),
  causation: z.string().optional(),
  events: z.array(z.object({ type: z.string(), v: z.int().positive(), data: z.unknown() })).min(1),
});

/** Why bytes could not be read as a commit. Such a commit is poison: it parks its aggregate, it is never skipped. */
export type CodecErrorCode =
  'not-json' | 'bad-envelope' | 'unknown-event' | 'future-version' | 'bad-event-data';

export class CodecError extends Error {
  override readonly name = 'CodecError';
  constructor(
    readonly code: CodecErrorCode,
    detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}

/** Writes a commit as UTF-8 JSON. @throws CodecError when an event is not in the catalogue or breaks its schema. */
export function encodeCommit(commit: Commit): Uint8Array {
  const { tenant, aggregate, id, commandId, actor, at, causation } = commit;
  const events = commit.events.map((event) => {
    const definition = requireDefinition(aggregate, event.type);
    const checked = definition.schema.safeParse(event.data);
    if (!checked.success)
      throw new CodecError('bad-event-data', `${event.type}: ${z.prettifyError(checked.error)}`);
    return { type: event.type, v: definition.version, data: event.data };
  });
  const envelope = { v: COMMIT_FORMAT, tenant, aggregate, id, commandId, actor, at, causation, events };
  return new TextEncoder().encode(JSON.stringify(envelope));
}

/** Reads a commit of any stored version, lifting its events to the newest. @throws CodecError */
export function decodeCommit(bytes: Uint8Array, position: Position): StoredCommit {
  const parsed = envelopeSchema.safeParse(parseJson(bytes));
  if (!parsed.success) throw new CodecError('bad-envelope', z.prettifyError(parsed.error));
  const { v: _format, events, causation, aggregate, ...rest } = parsed.data;
  return {
    ...rest,
    aggregate,
    ...(causation === undefined ? {} : { causation }),
    position,
    events: events.map((event) => decodeEvent(aggregate, event)),
  };
}

function decodeEvent(
  aggregate: AggregateName,
  stored: { readonly type: string; readonly v: number; readonly data?: unknown },
): EventsOf<AggregateName> {
  const definition = requireDefinition(aggregate, stored.type);
  if (stored.v > definition.version)
    throw new CodecError('future-version', `${stored.type} v${stored.v}, known up to v${definition.version}`);
  const lifted = definition.upcasters.slice(stored.v - 1).reduce((data, upcast) => upcast(data), stored.data);
  const checked = definition.schema.safeParse(lifted);
  if (!checked.success)
    throw new CodecError('bad-event-data', `${stored.type}: ${z.prettifyError(checked.error)}`);
  // The schema of this very definition has just accepted the data, so type and data belong together.
  return { type: stored.type, data: checked.data } as EventsOf<AggregateName>;
}

function requireDefinition(aggregate: AggregateName, type: string) {
  const definition = definitionOf(aggregate, type);
  if (definition === undefined) throw new CodecError('unknown-event', `${aggregate} has no event ${type}`);
  return definition;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new CodecError('not-json', String(error));
  }
}
