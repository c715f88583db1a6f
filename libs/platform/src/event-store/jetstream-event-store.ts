import {
  COMMIT_HEADERS,
  decodeCommit,
  NO_POSITION,
  position,
  subjects,
  type AggregateKind,
  type AggregateRef,
  type Commit,
  type CommandId,
  type Position,
  type StoredCommit,
} from '#lib/events';
import { systemClock } from '../lifecycle/clock.js';
import type { Nats } from '../nats/nats.js';
import { lastMessage, lastSequence, messageAt, readHistory } from '../nats/stream-history.js';
import { StreamReadError } from '../nats/stored-message.js';
import { readStream } from '../nats/stream-reader.js';
import { classify, type AppendFailure } from './append-outcome.js';
import { traceHeaders } from '../telemetry/traced.js';
import { encodeForStream } from './encode.js';
import { StoreError, type Appended, type EventStore, type RawCommit } from './event-store.js';

const STREAM = 'EVENTS';
/** How long an append is tried again before the caller is told; long enough for a restart of the server. */
const DEFAULT_PATIENCE_MS = 10_000;
const PAUSE_MS = { first: 20, most: 500 } as const;

interface Sending {
  readonly commit: Commit;
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly expected: Position;
  readonly asOf?: Position | undefined;
}

/** Commits in the EVENTS stream: one message each, acknowledged means on disk. */
export class JetStreamEventStore implements EventStore {
  private readonly patienceMs: number;
  private readonly onReadRestart: ((reason: string) => void) | undefined;

  constructor(
    private readonly nats: Nats,
    options: { readonly patienceMs?: number; readonly onReadRestart?: (reason: string) => void } = {},
  ) {
    this.patienceMs = options.patienceMs ?? DEFAULT_PATIENCE_MS;
    this.onReadRestart = options.onReadRestart;
  }

  async append(commit: Commit, expected: Position, asOf?: Position): Promise<Appended> {
    const subject = subjects.events(commit);
    const sending: Sending = { commit, subject, bytes: encodeForStream(commit), expected, asOf };
    // The server compares one sequence only. What came to this aggregate before `asOf` is looked up here, and what
    // comes after it, the server sees.
    if (asOf !== undefined && (await this.lastPosition(commit)) !== expected)
      return this.ownOrConflict(sending);
    const deadline = systemClock.now() + this.patienceMs;
    let uncertain = false;
    for (let pause: number = PAUSE_MS.first; ; pause = Math.min(pause * 2, PAUSE_MS.most)) {
      const outcome = await this.send(sending);
      if ('position' in outcome) return outcome;
      if (outcome.kind === 'conflict') return this.ownOrConflict(sending);
      refuse(outcome, sending.subject);
      uncertain ||= outcome.kind === 'unknown';
      if (systemClock.now() >= deadline)
        throw new StoreError(uncertain ? 'unknown-outcome' : 'unavailable', sending.subject);
      await systemClock.sleep(pause * (0.5 + Math.random()));
    }
  }

  async load(ref: AggregateRef, after: Position = NO_POSITION): Promise<readonly StoredCommit[]> {
    const query = { stream: STREAM, subject: subjects.events(ref), after };
    const messages = await this.patiently(() => readHistory(this.nats, query));
    return messages.map(({ data, sequence }) => decodeCommit(data, position(sequence)));
  }

  async lastPosition(ref: AggregateRef): Promise<Position> {
    const last = await this.patiently(() => lastMessage(this.nats, STREAM, subjects.events(ref)));
    return position(last?.sequence ?? 0);
  }

  async loadKind(kind: AggregateKind, after: Position = NO_POSITION): Promise<readonly RawCommit[]> {
    const query = { stream: STREAM, subject: subjects.eventsOfKind(kind), after };
    const messages = await this.patiently(() => readHistory(this.nats, query));
    return messages.map(({ subject, sequence, data }) => ({
      subject,
      position: position(sequence),
      bytes: data,
    }));
  }

  async lastPositionOfKind(kind: AggregateKind): Promise<Position> {
    const last = await this.patiently(() => lastMessage(this.nats, STREAM, subjects.eventsOfKind(kind)));
    return position(last?.sequence ?? 0);
  }

  async head(): Promise<Position> {
    return position(await this.patiently(() => lastSequence(this.nats, STREAM)));
  }

  async *read(options: {
    readonly after: Position;
    readonly signal: AbortSignal;
  }): AsyncGenerator<RawCommit> {
    const { onReadRestart } = this;
    const messages = readStream(this.nats, {
      stream: STREAM,
      ...options,
      ...(onReadRestart === undefined ? {} : { onRestart: onReadRestart }),
    });
    for await (const { subject, sequence, data } of messages)
      yield { subject, position: position(sequence), bytes: data };
  }

  private async send(sending: Sending): Promise<Appended | AppendFailure> {
    const { commit, subject } = sending;
    try {
      const first = await this.publish(sending, commit.commandId);
      if (!first.duplicate || (await this.isOurs(sending, first.position))) return first;
      // Message ids are known stream-wide: another aggregate has stored a commit of the same command.
      return await this.publish(sending, `${commit.commandId}@${subject}`);
    } catch (error) {
      return classify(error);
    }
  }

  private async publish(sending: Sending, messageId: string): Promise<Appended> {
    const { commit, subject, bytes, expected, asOf } = sending;
    const ack = await this.nats.publisher.publish(subject, bytes, {
      messageId,
      expectedLastSubjectSequence: asOf ?? expected,
      ...(asOf === undefined ? {} : { expectationSubject: subjects.eventsOfKind(commit) }),
      headers: {
        ...traceHeaders(),
        [COMMIT_HEADERS.events]: commit.events.map(({ type }) => type).join(','),
      },
    });
    return { position: position(ack.sequence), duplicate: ack.duplicate };
  }

  private async isOurs({ subject, commit }: Sending, at: Position): Promise<boolean> {
    const stored = await messageAt(this.nats, STREAM, at);
    if (stored === undefined || stored.subject !== subject) return false;
    return decodeCommit(stored.data, at).commandId === commit.commandId;
  }

  /** The server compares sequences before message ids (2.15.1), so a conflict can be this very commit, stored before. */
  private async ownOrConflict({ commit, expected, subject }: Sending): Promise<Appended> {
    const own = await this.find(commit, commit.commandId, expected);
    if (own === undefined) throw new StoreError('conflict', `${subject} is no longer at ${expected}`);
    return { position: own.position, duplicate: true };
  }

  private async find(
    ref: AggregateRef,
    command: CommandId,
    after: Position,
  ): Promise<StoredCommit | undefined> {
    const commits = await this.load(ref, after);
    return commits.find(({ commandId }) => commandId === command);
  }

  /** Reading again is always safe, so a short break of the link is waited out. */
  private async patiently<T>(read: () => Promise<T>): Promise<T> {
    const deadline = systemClock.now() + this.patienceMs;
    for (let pause: number = PAUSE_MS.first; ; pause = Math.min(pause * 2, PAUSE_MS.most)) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof StreamReadError)) throw error;
        if (systemClock.now() >= deadline) throw new StoreError('unavailable', error.message);
      }
      await systemClock.sleep(pause);
    }
  }
}

/** Throws for the failures that sending again cannot heal. */
function refuse(failure: Exclude<AppendFailure, { kind: 'conflict' }>, subject: string): void {
  switch (failure.kind) {
    case 'full':
      throw new StoreError('stream-full', STREAM);
    case 'too-large':
      throw new StoreError('too-large', subject);
    case 'again':
    case 'unknown':
  }
}
