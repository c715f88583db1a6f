import { aggregateNames, publicEventsOf, type StoredCommit } from '#lib/events';
import { PoisonCommit, PublishError, type Nats, type Projection } from '#lib/platform';

/**
 * Publishes the events of each commit as CloudEvents. It is a projection for its checkpoint, lease and parking: the
 * transaction has locked the checkpoint before `apply` runs, so nobody who has lost the lease publishes, and the
 * checkpoint moves only after every acknowledgement. At least once: a crash in between sends the same ids again, which
 * the stream drops within its window and readers recognise by `id` after it.
 */
export function publicEventsProjection({ publisher }: Pick<Nats, 'publisher'>): Projection {
  const encoder = new TextEncoder();
  const publish = async ({ subject, event }: ReturnType<typeof publicEventsOf>[number]): Promise<void> => {
    const message = encoder.encode(JSON.stringify(event));
    const headers = { 'content-type': 'application/cloudevents+json' };
    await publisher.publish(subject, message, { messageId: event.id, headers }).catch(rethrow);
  };
  return {
    name: 'public-events',
    aggregates: aggregateNames,
    tables: [],
    apply: async (_sql, commits: readonly StoredCommit[]) => {
      // One connection keeps the order of sending; only the waiting for acknowledgements overlaps.
      await Promise.all(commits.flatMap(publicEventsOf).map(publish));
      return [];
    },
  };
}

/** JetStream: the message is larger than the stream takes. */
const TOO_LARGE = 10054;

function rethrow(error: unknown): never {
  const tooLarge =
    error instanceof PublishError && (error.code === 'not-sendable' || error.apiCode === TOO_LARGE);
  throw tooLarge ? new PoisonCommit('rejected-by-projection', error.message) : error;
}
