import { createHash } from 'node:crypto';
import type { AggregateId, CommandId } from '#lib/events';

const COMMAND_ID_LENGTH = 40;
const ID_DIGITS = 20;

/**
 * The id of a command from everything that makes it the same command, such as tenant, actor, route and
 * Idempotency-Key. Equal parts give equal ids; SHA-256, so different parts practically never do.
 */
export function commandIdFrom(...parts: readonly string[]): CommandId {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return digest.slice(0, COMMAND_ID_LENGTH) as CommandId;
}

/** The id of what a command creates: repeating the command names the same thing. `idFrom('exp', c)` is `exp-…`. */
export function idFrom(prefix: string, commandId: CommandId): AggregateId {
  return `${prefix}-${commandId.slice(0, ID_DIGITS)}` as AggregateId;
}
