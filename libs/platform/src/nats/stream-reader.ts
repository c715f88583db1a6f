import { AckPolicy, DeliverPolicy, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { systemClock } from '../lifecycle/clock.js';
import { Inbox } from '../projection/inbox.js';
import type { Nats } from './nats.js';
import type { StoredMessage } from './stored-message.js';

export interface ReadOptions {
  readonly stream: string;
  /** Subject filter; everything when left out. */
  readonly filter?: string;
  /** Sequence of the last message that is already known; 0 reads from the beginning. */
  readonly after: number;
  readonly signal: AbortSignal;
  /** Messages that may wait in memory for a slow reader; default 512. */
  readonly prefetch?: number;
  /** Told why a reading was broken off and is started anew. */
  readonly onRestart?: (reason: string) => void;
}

const EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 5_000;
/** A reader may be busy with one batch for long; only then does the server clear an abandoned consumer away. */
const INACTIVE_MS = 300_000;
const RESTART_MS = { first: 100, most: 2_000 } as const;

/**
 * Messages of a stream in order, each once, without end, until the signal aborts. Nothing is acknowledged: the
 * caller keeps its own checkpoint. Whenever the server loses the consumer, the link breaks or a delivery is missing,
 * it starts anew behind the last message given. A jump in sequences means that messages between are gone or filtered.
 */
export async function* readStream(nats: Nats, options: ReadOptions): AsyncGenerator<StoredMessage> {
  const { signal, onRestart } = options;
  let after = options.after;
  let pause: number = RESTART_MS.first;
  while (!signal.aborted) {
    try {
      for await (const message of readUntilLost(nats, { ...options, after })) {
        after = message.sequence;
        pause = RESTART_MS.first;
        yield message;
      }
    } catch (error) {
      onRestart?.(String(error));
    }
    await systemClock.sleep(pause, signal);
    pause = Math.min(pause * 2, RESTART_MS.most);
  }
}

/**
 * The same reading, in batches: whatever came while the last batch was handled is the next one, so batches grow under
 * load, up to `limit`, and are single messages without it.
 */
export async function* readStreamInBatches(
  nats: Nats,
  options: ReadOptions,
  limit: number,
): AsyncGenerator<readonly StoredMessage[]> {
  const left = new AbortController();
  const signal = AbortSignal.any([options.signal, left.signal]);
  const inbox = Inbox.fill(readStream(nats, { ...options, signal }), limit);
  try {
    for (let batch = await inbox.take(); batch !== undefined; batch = await inbox.take()) yield batch;
  } finally {
    // A caller that leaves must not leave a reader behind that waits for the next message.
    left.abort();
    inbox.close();
  }
}

async function* readUntilLost(nats: Nats, options: ReadOptions): AsyncGenerator<StoredMessage> {
  const { stream, filter, after, signal, prefetch = 512 } = options;
  const consumers = (await nats.manager()).consumers;
  const info = await consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: after + 1,
    inactive_threshold: nanos(INACTIVE_MS),
    mem_storage: true,
    num_replicas: 1,
    ...(filter === undefined ? {} : { filter_subject: filter }),
  });
  const consumer = nats.jetstream.consumers.getConsumerFromInfo(info);
  const messages = await consumer.consume({
    max_messages: prefetch,
    // The client would ask for a quarter at a time: each asking costs a write here and a request there.
    threshold_messages: Math.ceil(prefetch / 2),
    expires: EXPIRES_MS,
    idle_heartbeat: HEARTBEAT_MS,
    abort_on_missing_resource: true,
  });
  const stop = (): void => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  // Deliveries under way when the link broke are gone, and the server believes that they arrived.
  const unfollow = nats.link.onBreak(stop);
  void stopOnTrouble(messages);
  try {
    yield* unbroken(messages);
  } finally {
    unfollow();
    signal.removeEventListener('abort', stop);
    stop();
    // A courtesy: the server clears it away by itself when this does not arrive.
    if (nats.connected) void consumers.delete(stream, info.name).catch(() => false);
  }
}

/** Ends at the first delivery that is missing. */
async function* unbroken(messages: ConsumerMessages): AsyncGenerator<StoredMessage> {
  let delivered = 0;
  for await (const message of messages) {
    delivered += 1;
    if (message.info.deliverySequence !== delivered) return;
    yield toStoredMessage(message);
  }
}

/** What the client tells about a consumer that will give nothing more. */
const TROUBLE: ReadonlySet<string> = new Set([
  'heartbeats_missed',
  'consumer_not_found',
  'consumer_deleted',
  'stream_not_found',
  'no_responders',
]);

async function stopOnTrouble(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of messages.status()) if (TROUBLE.has(type)) messages.stop();
}

function toStoredMessage(message: JsMsg): StoredMessage {
  return {
    subject: message.subject,
    sequence: message.seq,
    data: message.data,
    header: (name) => message.headers?.last(name) || undefined,
  };
}
