import {
  decodeCommit,
  NO_POSITION,
  position,
  subjects,
  type AggregateKind,
  type AggregateRef,
  type Commit,
  type Position,
  type StoredCommit,
} from '#lib/events';
import { encodeForStream } from './encode.js';
import { StoreError, type Appended, type EventStore, type RawCommit } from './event-store.js';

/** Holds to the same contract as the real store, for tests of what is built upon it. Commits are kept encoded. */
export class InMemoryEventStore implements EventStore {
  private readonly commits: RawCommit[] = [];
  private readonly bySubject = new Map<string, readonly RawCommit[]>();
  private readonly byCommand = new Map<string, Position>();
  private waiting: (() => void)[] = [];

  // Async only in its form, so that no other append comes between the check and the storing.
  async append(commit: Commit, expected: Position, asOf?: Position): Promise<Appended> {
    return Promise.resolve(this.appendNow(commit, expected, asOf));
  }

  private appendNow(commit: Commit, expected: Position, asOf?: Position): Appended {
    const bytes = encodeForStream(commit);
    const subject = subjects.events(commit);
    const command = `${commit.commandId}@${subject}`;
    const earlier = this.byCommand.get(command);
    if (earlier !== undefined) return { position: earlier, duplicate: true };
    const last = this.lastOf(commit);
    if (last !== expected) throw new StoreError('conflict', `${subject} is at ${last}, not ${expected}`);
    if (asOf !== undefined && this.lastOfKind(commit) !== asOf)
      throw new StoreError('conflict', `another ${commit.aggregate} has changed since ${asOf}`);
    const stored = { subject, position: position(this.commits.length + 1), bytes };
    this.commits.push(stored);
    this.bySubject.set(subject, [...this.of(commit), stored]);
    this.byCommand.set(command, stored.position);
    this.wakeReaders();
    return { position: stored.position, duplicate: false };
  }

  load(ref: AggregateRef, after: Position = NO_POSITION): Promise<readonly StoredCommit[]> {
    const found = this.of(ref).filter((commit) => commit.position > after);
    return Promise.resolve(found.map((commit) => decodeCommit(commit.bytes, commit.position)));
  }

  lastPosition(ref: AggregateRef): Promise<Position> {
    return Promise.resolve(this.lastOf(ref));
  }

  loadKind(kind: AggregateKind, after: Position = NO_POSITION): Promise<readonly RawCommit[]> {
    return Promise.resolve(this.ofKind(kind).filter((commit) => commit.position > after));
  }

  lastPositionOfKind(kind: AggregateKind): Promise<Position> {
    return Promise.resolve(this.lastOfKind(kind));
  }

  head(): Promise<Position> {
    return Promise.resolve(this.commits.at(-1)?.position ?? NO_POSITION);
  }

  async *read(options: {
    readonly after: Position;
    readonly signal: AbortSignal;
  }): AsyncGenerator<RawCommit> {
    const { signal } = options;
    const wake = (): void => this.wakeReaders();
    signal.addEventListener('abort', wake);
    try {
      for (let next: number = options.after; !signal.aborted;) {
        const commit = this.commits[next];
        if (commit === undefined) {
          await new Promise<void>((resolve) => this.waiting.push(resolve));
        } else {
          next += 1;
          yield commit;
        }
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  private lastOf(ref: AggregateRef): Position {
    return this.of(ref).at(-1)?.position ?? NO_POSITION;
  }

  private lastOfKind(kind: AggregateKind): Position {
    return this.ofKind(kind).at(-1)?.position ?? NO_POSITION;
  }

  private ofKind(kind: AggregateKind): readonly RawCommit[] {
    const prefix = subjects.eventsOfKind(kind).slice(0, -1);
    return this.commits.filter(({ subject }) => subject.startsWith(prefix));
  }

  private of(ref: AggregateRef): readonly RawCommit[] {
    return this.bySubject.get(subjects.events(ref)) ?? [];
  }

  private wakeReaders(): void {
    const readers = this.waiting;
    this.waiting = [];
    for (const wake of readers) wake();
  }
}
