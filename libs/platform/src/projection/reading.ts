import {
  CodecError,
  decodeCommit,
  parseEventSubject,
  subjects,
  type Position,
  type StoredCommit,
} from '#lib/events';
import type { RawCommit } from '../event-store/event-store.js';
import { Inbox } from './inbox.js';
import { PoisonCommit } from './poison.js';
import type { Projection } from './types.js';

/** What a message is to one projection: a commit of its own, one that cannot be read, or another projection's. */
export type Reading = StoredCommit | PoisonCommit | 'foreign';

/** A message of the stream, read before its turn comes. */
export interface ReadCommit {
  readonly subject: string;
  readonly position: Position;
  readonly reading: Reading;
}

/** Reads one message for a projection. Foreign ones are not even decoded: it is not for this projection to park them. Pure. */
export function readCommit(message: RawCommit, { aggregates }: Pick<Projection, 'aggregates'>): ReadCommit {
  const { subject, position } = message;
  return { subject, position, reading: concerns(subject, aggregates) ? decode(message) : 'foreign' };
}

/**
 * Reads ahead while the database is busy: what is taken is decoded already. Of foreign commits in a row only the last
 * is held, for its position, so that passing over any number of them takes no room and no transactions of their own.
 */
export function readAhead(
  source: AsyncIterable<RawCommit>,
  projection: Pick<Projection, 'aggregates'>,
  limit: number,
): Inbox<ReadCommit> {
  return Inbox.fill(
    readEach(source, projection),
    limit,
    (next, held) => next.reading === 'foreign' && held.reading === 'foreign',
  );
}

async function* readEach(
  source: AsyncIterable<RawCommit>,
  projection: Pick<Projection, 'aggregates'>,
): AsyncGenerator<ReadCommit> {
  for await (const message of source) yield readCommit(message, projection);
}

/** A subject that nobody can parse concerns every projection: nobody may pass over it in silence. */
function concerns(subject: string, aggregates: Projection['aggregates']): boolean {
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
