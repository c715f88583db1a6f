import { setTimeout as wait } from 'node:timers/promises';
import { encodeCommit, position, subjects, type Commit, type Position } from '#lib/events';
import type { CommitSource, RawCommit } from '#lib/platform';
import type { AggregateId, CommandId, TenantId } from '#lib/events';

/** An EVENTS stream in memory that also takes what no event store would: broken bytes. */
export class CommitLog implements CommitSource {
  private messages: readonly RawCommit[] = [];

  /** A good commit of a pipeline. */
  append(id: string, name = id): Position {
    const commit: Commit<'pipeline'> = {
      tenant: 'default' as TenantId,
      aggregate: 'pipeline',
      id: id as AggregateId,
      commandId: `c${this.messages.length}` as CommandId,
      actor: { kind: 'user', id: 'tester' },
      at: '2026-01-01T00:00:00.000Z',
      events: [{ type: 'PipelineCreated', data: { at: '2026-01-01T00:00:00.000Z', name, description: '' } }],
    };
    return this.appendRaw(subjects.events(commit), encodeCommit(commit));
  }

  appendRaw(subject: string, bytes: Uint8Array): Position {
    const at = position(this.messages.length + 1);
    this.messages = [...this.messages, { subject, position: at, bytes }];
    return at;
  }

  /** Loses the newest commits, as a server restored from an old copy does. */
  loseTail(count: number): void {
    this.messages = this.messages.slice(0, -count);
  }

  head(): Promise<Position> {
    return Promise.resolve(position(this.messages.length));
  }

  async *read({ after, signal }: { after: Position; signal: AbortSignal }): AsyncGenerator<RawCommit> {
    for (let at: number = after; !signal.aborted;) {
      const next = this.messages[at];
      if (next === undefined) await wait(5);
      else {
        at += 1;
        yield next;
      }
    }
  }
}
