import { CodecError, decodeCommit, parseEventSubject, subjects, type StoredCommit } from '#lib/events';
import type { RawCommit } from '../event-store/event-store.js';
import { PoisonCommit } from './poison.js';
import type { Lease, ParkedCommit, Projection } from './types.js';

/** What is to be done with a batch of messages, in order of position. */
export interface Plan {
  readonly apply: readonly StoredCommit[];
  readonly parked: readonly ParkedCommit[];
}

/**
 * Sorts a batch into commits to apply and commits to park. An aggregate that is parked stays parked: none of its later
 * commits overtakes the one that broke it. Pure.
 */
export function planBatch(
  messages: readonly RawCommit[],
  projection: Pick<Projection, 'aggregates'>,
  alreadyParked: Lease['parked'],
): Plan {
  const reasons = new Map(alreadyParked);
  const apply: StoredCommit[] = [];
  const parked: ParkedCommit[] = [];
  for (const message of messages) {
    if (!concerns(message.subject, projection)) continue;
    const outcome = reasons.get(message.subject) ?? decode(message);
    if ('events' in outcome) {
      apply.push(outcome);
      continue;
    }
    const { code, detail } = outcome;
    reasons.set(message.subject, { code, detail });
    parked.push({ subject: message.subject, position: message.position, code, detail });
  }
  return { apply, parked };
}

/** A subject that nobody can parse concerns every projection: nobody may pass over it in silence. */
function concerns(subject: string, { aggregates }: Pick<Projection, 'aggregates'>): boolean {
  const ref = parseEventSubject(subject);
  return ref === undefined || aggregates.includes(ref.aggregate);
}

function decode({ subject, position, bytes }: RawCommit): StoredCommit | PoisonCommit {
  try {
    const commit = decodeCommit(bytes, position);
    const home = subjects.events(commit);
    return home === subject
      ? commit
      : new PoisonCommit('misplaced', `a commit of ${home} lies on ${subject}`);
  } catch (error) {
    if (error instanceof CodecError) return new PoisonCommit('undecodable', error.message);
    throw error;
  }
}
