import { fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '#lib/agent-core';
import type { Attempt, DownTask, HandOverReply, TaskResult } from '#lib/agent-protocol';

/** A message of the outbox, as it stood in the bytes that went to the disk. */
export type Written = {
  readonly lane: string;
  readonly n: number;
  readonly kind: string;
  readonly hash: string;
  readonly taskId?: string;
  readonly generation?: number;
  readonly stage?: Attempt['stage'];
  readonly outcome?: TaskResult['outcome'];
  readonly fromN?: number;
  readonly toN?: number;
};

export type DiaryEntry =
  | { readonly type: 'boot' | 'stopped' }
  /** On its way to the disk: a kill may come before or after it arrives there. */
  | ({ readonly type: 'appending' } & Written)
  | { readonly type: 'appended'; readonly lane: string; readonly n: number }
  | { readonly type: 'cursor'; readonly lane: string; readonly n: number }
  | {
      readonly type: 'handed';
      readonly taskId: string;
      readonly kind: DownTask['kind'];
      readonly status: HandOverReply['status'];
      readonly generation?: number;
      readonly cancels?: string;
    }
  | { readonly type: 'effect'; readonly taskId: string; readonly edge: 'begun' | 'ended' | 'broken-off' };

/** What a host did, line by line, in a file that outlives its disk. A line is with the kernel before the next step. */
export class Diary {
  private readonly file: number;
  private epoch: string | undefined;

  constructor(
    path: string,
    private readonly who: { readonly host: string; readonly boot: string },
    private readonly clock: Clock,
  ) {
    mkdirSync(dirname(path), { recursive: true });
    this.file = openSync(path, 'a', 0o600);
  }

  /** Nothing is written down before the outbox has its epoch: until then files are only opened. */
  begin(epoch: string): void {
    this.epoch = epoch;
    this.note({ type: 'boot' });
  }

  note(entry: DiaryEntry): void {
    if (this.epoch === undefined) return;
    const line = { at: this.clock.iso(), ...this.who, epoch: this.epoch, ...entry };
    writeSync(this.file, `${JSON.stringify(line)}\n`);
    // Effects are what a host is held against first, so they survive a power loss too.
    if (entry.type === 'effect') fsyncSync(this.file);
  }
}
